// Reads a plan, each number within bounds in which products cannot overflow.
#include "workloads/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "workloads/imbalance.h"
#include "workloads/optimizers/optimizer.h"
#include "workloads/schedules/schedule.h"

namespace orrery {
namespace {

constexpr std::int64_t kMostRanks = std::int64_t{1} << 20U;  // along one dimension
constexpr std::int64_t kMostChunks = 1024;                   // of one stage
constexpr std::int64_t kMostTiles = 64;
constexpr std::int64_t kMostSequences = std::int64_t{1} << 40U;
constexpr std::int64_t kMostTokens = std::int64_t{1} << 24U;  // of one sequence
constexpr std::int64_t kMostInterval = std::int64_t{1} << 30U;
constexpr std::int64_t kMostSide = std::int64_t{1} << 30U;
const std::vector<std::string> kDimensions = {"tensor", "context", "data", "pipeline"};
constexpr std::array<std::string_view, 3> kExchanges = {"ring", "all_gather", "all_to_all"};

// Reads keys and remembers where each stands, so that a fault found later can be shown there.
class PlanReader {
 public:
  explicit PlanReader(const yaml::Node& node) : map_(node, "a plan") {}

  std::optional<yaml::Node> find(const std::string& key) {
    auto node = map_.optional(key);
    if (node) places_.emplace(key, *node);
    return node;
  }
  void integer(const std::string& key, std::int64_t least, std::int64_t most, std::int64_t& value) {
    if (const auto node = find(key)) value = node->integer(least, most);
  }
  void boolean(const std::string& key, bool& value) {
    if (const auto node = find(key)) value = node->boolean();
  }
  yaml::Node required(const std::string& key) {
    yaml::Node node = map_.required(key);
    places_.emplace(key, node);
    return node;
  }
  void finish() const { map_.finish(); }
  [[noreturn]] void fail(const PlanFault& fault) const {
    const auto place = places_.find(fault.key);
    if (place != places_.end()) place->second.fail(fault.message, fault.notes);
    map_.node().fail(fault.message, fault.notes);
  }

 private:
  yaml::Map map_;
  std::map<std::string, yaml::Node> places_;
};

// `shared_out`: sequences are, so that the order must say where.
std::vector<std::string> read_order(const yaml::Node& node, bool shared_out) {
  std::vector<std::string> order;
  for (const yaml::Node& item : node.items()) {
    const std::string& name = kDimensions[item.choice("parallel dimension", kDimensions)];
    if (std::find(order.begin(), order.end(), name) != order.end()) item.fail("'" + name + "' stands here twice");
    order.push_back(name);
  }
  for (const std::string& name : kDimensions) {
    if (std::find(order.begin(), order.end(), name) != order.end() || (name == "context" && !shared_out)) continue;
    const std::string_view right = shared_out ? "tensor, context, data, pipeline" : "tensor, data, pipeline";
    node.fail(fmt::format("'{}' is missing; the order names each of the {} dimensions, the fastest first", name,
                          shared_out ? "four" : "three"),
              {fmt::format("order: [{}] keeps tensor ranks next to each other", right)});
  }
  return order;
}

void read_recompute(const yaml::Node& node, Plan& plan) {
  if (node.is_sequence()) {
    plan.recompute = Recompute::kSelective;
    plan.again = read_recompute_modules(node);
    return;
  }
  plan.recompute = static_cast<Recompute>(node.choice("recomputation", {"none", "selective", "full"}));
}

OptimizerChoice read_optimizer(const yaml::Node& node) {
  const std::vector<std::string> names = Optimizers::names();
  const auto named = [&](const yaml::Node& name) { return names[name.choice("optimizer", names)]; };
  OptimizerChoice choice;
  if (!node.is_map()) {
    choice.name = named(node);
    return choice;
  }
  yaml::Map map(node, "an optimizer");
  choice.name = named(map.required("name"));
  const Optimizer& optimizer = *Optimizers::find(choice.name);
  const auto demand = [&](const yaml::Node& value, bool has, const char* what) {
    if (!has) value.fail(fmt::format("the optimizer '{}' {}", choice.name, what));
  };
  if (const auto interval = map.optional("interval")) {
    demand(*interval, optimizer.interval > 0, "does the same in every step");
    choice.interval = interval->integer(1, kMostInterval);
  }
  if (const auto block = map.optional("block")) {
    demand(*block, optimizer.block > 0, "doesn't care how long a matrix' sides are");
    choice.block = block->integer(1, kMostSide);
  }
  if (const auto step = map.optional("step")) {
    demand(*step, optimizer.interval > 0, "does the same in every step");
    choice.step = read_shown_step(*step);
  }
  if (const auto moments = map.optional("moments")) {
    demand(*moments, optimizer.narrow_moments, "keeps no moments in other formats than fp32");
    constexpr std::array kMoments = {Precision::kFp32, Precision::kBf16, Precision::kFp16, Precision::kFp8};
    choice.moments = kMoments[moments->choice("format", {"fp32", "bf16", "fp16", "fp8"})];
  }
  map.finish();
  return choice;
}

}  // namespace

std::string_view to_name(ContextExchange exchange) { return kExchanges[static_cast<std::size_t>(exchange)]; }

std::int64_t Plan::ranks_along(std::string_view dimension) const {
  if (dimension == "tensor") return tensor;
  if (dimension == "context") return context;
  return dimension == "data" ? data : pipeline;
}

std::int64_t Plan::chunks() const {
  const PipelineSchedule* known = PipelineSchedules::find(schedule);
  return known == nullptr || known->way == Way::kRound ? interleave : 2;
}

Plan read_plan(const yaml::Node& node, const DecoderModel& model) {
  PlanReader reader(node);
  Plan plan;
  static_cast<void>(reader.find("phase"));  // train (phases/phase.h)
  reader.integer("tensor", 1, kMostRanks, plan.tensor);
  reader.integer("tensor_rows", 1, kMostRanks, plan.tensor_rows);
  reader.integer("tensor_tiles", 1, kMostTiles, plan.tensor_tiles);
  reader.integer("pipeline", 1, kMostRanks, plan.pipeline);
  reader.integer("data", 1, kMostRanks, plan.data);
  reader.integer("context", 1, kMostRanks, plan.context);
  if (const auto exchange = reader.find("context_exchange"))
    plan.context_exchange = static_cast<ContextExchange>(
        exchange->choice("exchange of keys and values", {kExchanges.begin(), kExchanges.end()}));
  reader.integer("expert", 1, kMostRanks, plan.expert);
  reader.integer("expert_tensor", 1, kMostRanks, plan.expert_tensor);
  if (const auto imbalance = reader.find("imbalance")) plan.imbalance = read_imbalance(*imbalance, model, plan.expert);
  reader.integer("microbatch", 1, kMostRanks, plan.microbatch);
  plan.batch = reader.required("batch").integer(1, kMostSequences);
  if (model.image) plan.sequence = model.image_tokens;
  reader.integer("sequence", 1, kMostTokens, plan.sequence);
  reader.integer("documents", 1, kMostTokens, plan.documents);
  if (model.encodes()) plan.source_sequence = plan.sequence;
  reader.integer("source_sequence", 1, kMostTokens, plan.source_sequence);
  if (const auto schedule = reader.find("schedule")) {
    const std::vector<std::string> names = PipelineSchedules::names();
    plan.schedule = names[schedule->choice("pipeline schedule", names)];
  }
  reader.integer("interleave", 1, kMostChunks, plan.interleave);
  if (const auto layers = reader.find("stage_layers"))
    for (const yaml::Node& item : layers->items()) plan.stage_layers.push_back(item.integer(0, kMostRanks));
  reader.boolean("embedding_as_layer", plan.embedding_as_layer);
  reader.boolean("loss_as_layer", plan.loss_as_layer);
  reader.boolean("sequence_parallel", plan.sequence_parallel);
  if (const auto recompute = reader.find("recompute")) read_recompute(*recompute, plan);
  if (const auto offload = reader.find("offload")) plan.offload = read_offload(*offload);
  if (const auto train = reader.find("train")) plan.adapters = read_adapters(*train);
  if (const auto kind = reader.find("gradient_compression")) plan.compression = read_compression(*kind);
  reader.integer("zero", 0, 3, plan.zero);
  reader.integer("shard", 2, kMostRanks, plan.shard);
  if (const auto local = reader.find("local_sgd")) plan.local_sgd = read_local_sgd(*local);
  reader.boolean("overlap_weights", plan.overlap_weights);
  reader.boolean("overlap_tensor", plan.overlap_tensor);
  reader.boolean("overlap_gradients", plan.overlap_gradients);
  if (const auto bucket = reader.find("bucket")) plan.bucket = bucket->bytes(Bytes(1));
  if (const auto optimizer = reader.find("optimizer")) plan.optimizer = read_optimizer(*optimizer);
  if (plan.context > 1) plan.order = kDimensions;
  if (const auto order = reader.find("order")) plan.order = read_order(*order, plan.context > 1);
  reader.finish();
  if (const auto fault = plan_fault(plan, model)) reader.fail(*fault);
  return plan;
}

}  // namespace orrery
