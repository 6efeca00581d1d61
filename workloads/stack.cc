// Reads a stack file: blocks of constants, each with its source.
#include "workloads/stack.h"

#include <fmt/format.h>

#include "sim/collective/tuner.h"
#include "topology/sources.h"
#include "workloads/named_flags.h"

namespace orrery {
namespace {

constexpr Duration kLongest = Duration::microseconds(1'000'000);
constexpr double kMostHbmPerByte = 64;
constexpr std::int64_t kMostVocabularyMultiple = std::int64_t{1} << 20U;

Precision read_precision(yaml::Map& map, std::string_view key) {
  constexpr std::array kPrecisions = {Precision::kBf16, Precision::kFp16, Precision::kFp32, Precision::kTf32,
                                      Precision::kFp64};
  return kPrecisions[map.required(key).choice("training precision", {"bf16", "fp16", "fp32", "tf32", "fp64"})];
}

Duration read_duration(yaml::Map& map, std::string_view key) {
  return map.required(key).duration(Duration(), kLongest);
}

// Of products; they may repeat `compute` instead.
void read_products(yaml::Map& map, Stack& stack) {
  const auto node = map.optional("products");
  if (!node) return;
  std::vector<std::string> names = narrow_formats();
  names.emplace_back(to_name(stack.compute));
  const std::string& name = names[node->choice("precision of products and weights", names)];
  stack.fp8_products = &name != &names.back();
  if (stack.fp8_products) stack.operands = *find_format(name);
}

// Theirs, or `compute`.
void read_weights(yaml::Map& map, Stack& stack) {
  const auto node = map.optional("weights");
  if (!node) return;
  std::vector<std::string> names = narrow_formats();
  names.emplace_back(to_name(stack.compute));
  const std::string& name = names[node->choice("precision of products and weights", names)];
  stack.fp8_weights = &name != &names.back();
  if (stack.fp8_weights && (!stack.fp8_products || name != stack.operands.name))
    node->fail(fmt::format("weights in {} are of use to products in {} alone", name, name));
}

constexpr FlagNames<Unfused, 3> kUnfused = {
    {{"limits", &Unfused::limits}, {"output_bias", &Unfused::output_bias}, {"scaled_rotary", &Unfused::scaled_rotary}}};

void read_kernels(yaml::Map map, Stack& stack) {
  stack.attention = map.required("attention").choice("attention", {"materialized", "flash"}) == 0
                        ? Attention::kMaterialized
                        : Attention::kFlash;
  if (const auto flash = map.optional("flash"))
    stack.flash = static_cast<FlashGeneration>(flash->choice("generation of fused attention", {"second", "third"}));
  const yaml::Node causal_skip = map.required("causal_skip");
  stack.causal_skip = causal_skip.boolean();
  if (stack.causal_skip && stack.attention == Attention::kMaterialized)
    causal_skip.fail("materialized attention computes every score; only flash attention can skip the masked blocks");
  stack.fused_softmax = map.required("fused_softmax").boolean();
  stack.fused_bias_gelu = map.required("fused_bias_gelu").boolean();
  stack.fused_bias_dropout_add = map.required("fused_bias_dropout_add").boolean();
  stack.fused_cross_entropy = map.required("fused_cross_entropy").boolean();
  stack.fused_gradient_accumulation = map.required("fused_gradient_accumulation").boolean();
  if (const auto apart = map.optional("experts_apart")) stack.experts_apart = apart->boolean();
  if (const auto unfused = map.optional("unfused")) stack.unfused = read_flags(*unfused, "unfused step", kUnfused);
  stack.vocabulary_multiple = map.required("vocabulary_multiple").integer(1, kMostVocabularyMultiple);
  map.finish();
}

std::string algorithm_at(const yaml::Node& node, CollectiveKind kind) {
  const std::vector<std::string> names = algorithm_names(kind);
  return names[node.choice(fmt::format("{} algorithm", to_name(kind)), names)];
}

std::string read_algorithm(yaml::Map& map, std::string_view key, CollectiveKind kind) {
  return algorithm_at(map.required(key), kind);
}

void read_collectives(yaml::Map map, Stack& stack) {
  stack.communication.launch = read_duration(map, "launch");
  stack.communication.step = read_duration(map, "step");
  stack.communication.engine_share = map.required("engine_share").ratio();
  stack.communication.hbm_per_byte = map.required("hbm_per_byte").number(0, kMostHbmPerByte);
  stack.all_reduce = read_algorithm(map, "all_reduce", CollectiveKind::kAllReduce);
  stack.all_gather = read_algorithm(map, "all_gather", CollectiveKind::kAllGather);
  stack.reduce_scatter = read_algorithm(map, "reduce_scatter", CollectiveKind::kReduceScatter);
  if (const auto dispatch = map.optional("dispatch"))
    stack.dispatch = algorithm_at(*dispatch, CollectiveKind::kAllToAll);
  map.finish();
}

}  // namespace

Format Stack::master() const {
  if (roles.master) return *roles.master;
  return format_of(size_of(compute) < size_of(Precision::kFp32) ? Precision::kFp32 : compute);
}

bool Stack::copies_master() const { return master() != format_of(compute) || (roles.master && fp8_weights); }

Stack read_stack(const yaml::Node& node) {
  yaml::Map map(node, "a stack");
  Stack stack;
  stack.name = map.required("name").text();
  stack.source = map.required("source").text();
  Sources sources(map);

  yaml::Map precision = sources.open(map.required("precision"), "the precision");
  stack.compute = read_precision(precision, "compute");
  stack.gradient = read_precision(precision, "gradient");
  read_products(precision, stack);
  read_weights(precision, stack);
  if (const auto share = precision.optional("fp8_share")) {
    stack.fp8_share = share->ratio();
    if (!stack.fp8_products) share->fail("no products are in fp8 here");
    if (stack.fp8_share <= 0) share->fail("products that run at no rate never end");
  }
  stack.roles = read_precision_roles(precision);
  precision.finish();

  read_kernels(sources.open(map.required("kernels"), "the choice of kernels"), stack);

  yaml::Map host = sources.open(map.required("host"), "the host's cost");
  stack.host_per_kernel = read_duration(host, "per_kernel");
  stack.host_per_message = read_duration(host, "per_message");
  if (const auto sync = host.optional("sync_on_dispatch")) stack.host_sync_on_dispatch = sync->boolean();
  host.finish();

  yaml::Map messages = sources.open(map.required("messages"), "the way of messages");
  stack.overlap_messages = messages.required("overlap").boolean();
  stack.host_sync_on_message = messages.required("host_sync").boolean();
  stack.scatter_gather_messages = messages.required("scatter_gather").boolean();
  messages.finish();

  read_collectives(sources.open(map.required("collectives"), "the cost of collectives"), stack);
  map.finish();
  sources.finish();
  return stack;
}

std::optional<std::string> stack_fault(const Stack& stack, const Chip& chip) {
  for (const Precision demanded : {stack.compute, stack.products()})
    if (chip.matrix_peak[static_cast<std::size_t>(demanded)] == FlopRate())
      return fmt::format("{} computes no matrix products in {}, as the stack {} demands", chip.name, to_name(demanded),
                         stack.name);
  return std::nullopt;
}

std::optional<std::string> stack_fault(const Stack& stack, const Plan& plan) {
  if (stack.roles.master && plan.optimizer.name != "adam")
    return fmt::format("the stack {} keeps master weights in {}, which only the optimizer 'adam' updates", stack.name,
                       stack.roles.master->name);
  if (plan.adapters.nf4 && stack.fp8_products)
    return fmt::format("the stack {} computes in {}; weights that are frozen in nf4 are made 16-bit for products",
                       stack.name, stack.operands.name);
  if (plan.compression.any() && stack.roles.gradients)
    return fmt::format("the stack {} sends gradients in {}; those that are compressed by '{}' go as it makes them",
                       stack.name, stack.roles.gradients->name, plan.compression.kind);
  if (plan.documents > 1 && stack.attention != Attention::kFlash)
    return fmt::format("the stack {} keeps all scores of a sequence in memory; only flash attention keeps to documents",
                       stack.name);
  if (plan.context == 1 || stack.attention == Attention::kFlash) return std::nullopt;
  return fmt::format(
      "the stack {} keeps all scores of a sequence in memory; only flash attention lets {} context ranks share it out",
      stack.name, plan.context);
}

Stack load_stack(const Library& library, const yaml::Node& reference) {
  return read_stack(library.resolve(reference, "workloads/stacks", "stack"));
}

}  // namespace orrery
