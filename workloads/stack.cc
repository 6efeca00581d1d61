// Reads a stack file: blocks of constants, each with its source.
#include "workloads/stack.h"

#include <fmt/format.h>

#include "topology/sources.h"

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

// Whether `key` says fp8; it may repeat `compute` instead.
bool read_fp8(yaml::Map& map, std::string_view key, Precision compute) {
  const auto node = map.optional(key);
  return node && node->choice("precision of products and weights", {std::string(to_name(compute)), "fp8"}) == 1;
}

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
  stack.vocabulary_multiple = map.required("vocabulary_multiple").integer(1, kMostVocabularyMultiple);
  map.finish();
}

std::string algorithm_at(const yaml::Node& node, CollectiveKind kind) {
  std::vector<std::string> names;
  for (const CollectiveAlgorithm* algorithm : CollectiveAlgorithms::all())
    if (algorithm->supports(kind)) names.emplace_back(algorithm->name);
  names.emplace_back(kTunersChoice);
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

Stack read_stack(const yaml::Node& node) {
  yaml::Map map(node, "a stack");
  Stack stack;
  stack.name = map.required("name").text();
  stack.source = map.required("source").text();
  Sources sources(map);

  yaml::Map precision = sources.open(map.required("precision"), "the precision");
  stack.compute = read_precision(precision, "compute");
  stack.gradient = read_precision(precision, "gradient");
  stack.fp8_products = read_fp8(precision, "products", stack.compute);
  if (const auto weights = precision.optional("weights")) {
    stack.fp8_weights = read_fp8(precision, "weights", stack.compute);
    if (stack.fp8_weights && !stack.fp8_products) weights->fail("weights in fp8 are of use to products in fp8 alone");
  }
  if (const auto share = precision.optional("fp8_share")) {
    stack.fp8_share = share->ratio();
    if (!stack.fp8_products) share->fail("no products are in fp8 here");
    if (stack.fp8_share <= 0) share->fail("products that run at no rate never end");
  }
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
  if (plan.context == 1 || stack.attention == Attention::kFlash) return std::nullopt;
  return fmt::format(
      "the stack {} keeps all scores of a sequence in memory; only flash attention lets {} context ranks share it out",
      stack.name, plan.context);
}

Stack load_stack(const Library& library, const yaml::Node& reference) {
  return read_stack(library.resolve(reference, "workloads/stacks", "stack"));
}

}  // namespace orrery
