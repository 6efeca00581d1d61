// Writes the step as one role that all ranks play, and counts what they hold.
#include "workloads/phases/inference_step.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/base/error.h"
#include "workloads/decoder/chunk.h"
#include "workloads/decoder/sublayer.h"
#include "workloads/decoder/weights.h"
#include "workloads/imbalance.h"
#include "workloads/share_fault.h"
#include "workloads/step/draft.h"

namespace orrery {
namespace {

struct Width {
  std::string_view name;
  int bits;
};
constexpr std::array<Width, 4> kWeightWidths = {{{"bf16", 16}, {"fp8", 8}, {"int4", 4}, {"fp4", 4}}};
constexpr std::array<Width, 2> kCacheWidths = {{{"bf16", 16}, {"fp8", 8}}};
constexpr std::int64_t kMostTokensHeld = std::int64_t{1} << 40U;  // of a step or a cache, on one rank

template <std::size_t N>
std::vector<std::string> names_of(const std::array<Width, N>& widths) {
  std::vector<std::string> names;
  names.reserve(N);
  for (const Width& width : widths) names.emplace_back(width.name);
  return names;
}

// Of what training's plans demand too, and that every engine has as many sequences, every tensor rank as many rows.
void check_shares(const PlanKeys& keys, const DecoderModel& model, const Plan& plan) {
  if (const auto fault = share_fault(plan, model)) keys.fail(fault->key, fault->message, fault->notes);
  const auto splits = [&](std::int64_t number, std::int64_t among, std::string_view what) {
    if (number % among != 0)
      keys.fail("batch", fmt::format("{} {} can't be split evenly over {}", number, what, among));
  };
  splits(plan.batch, plan.data, "sequences");
  if (plan.sequence_parallel) splits(plan.microbatch * plan.sequence, plan.tensor, "rows of an engine");
}

class InferenceStep : public Workload {
 public:
  InferenceStep(std::string_view phase, DecoderModel model, InferencePlan plan, const Stack& stack,
                std::vector<std::string> warnings)
      : Workload(phase, model.name, model.source, stack),
        model_(std::move(model)),
        plan_(std::move(plan)),
        warnings_(std::move(warnings)) {}

  [[nodiscard]] std::int64_t parameters() const override { return model_.parameters(); }
  [[nodiscard]] std::int64_t samples() const override { return plan_.ranks.batch * plan_.ranks.sequence; }
  [[nodiscard]] std::string_view sample() const override { return "token"; }
  [[nodiscard]] std::int64_t chips() const override { return plan_.ranks.chips(); }
  [[nodiscard]] std::vector<PlanEntry> plan() const override {
    std::vector<PlanEntry> entries = {{"phase", family()}, {"tensor", plan_.ranks.tensor}, {"data", plan_.ranks.data}};
    if (plan_.ranks.expert > 1) entries.push_back({"expert", plan_.ranks.expert});
    entries.push_back({"batch", plan_.ranks.batch});
    entries.push_back({"tokens_each", plan_.ranks.sequence});
    entries.push_back({"cached", plan_.cache.tokens});
    return entries;
  }
  [[nodiscard]] std::optional<Growth> growth() const override { return Growth{plan_.ranks.data, plan_.ranks.batch}; }
  [[nodiscard]] std::vector<std::string> warnings() const override { return warnings_; }

  [[nodiscard]] Program program(const Chip& chip) const override {
    const decoder::Shapes shapes = this->shapes();
    step::Draft draft(plan_.ranks, stack(), chip, false, model_.has(kExpertsSymbol));
    step::Tape tape = decoder::infer(shapes, decoder::chunk_of(shapes, plan_.ranks, 0, 0), draft);
    draft.add({.name = "engine", .ops = std::move(tape.ops), .waits = std::move(tape.waits)});
    return draft.finish();
  }

  [[nodiscard]] MemoryUse memory(const Chip& chip) const override {
    const decoder::Shapes shapes = this->shapes();
    const decoder::Chunk chunk = decoder::chunk_of(shapes, plan_.ranks, 0, 0);
    const decoder::Weights weights = decoder::chunk_weights(shapes, chunk);
    Bytes cache;
    for (const std::string_view layer : chunk.layers)
      for (const char symbol : layer)
        if (const auto cached = decoder::sublayer(symbol).cached; cached != nullptr)
          cache += cached(shapes, plan_.cache.tokens + plan_.ranks.sequence);
    const std::int64_t widest = std::max(
        {shapes.ffn_in, shapes.qkv_width, shapes.scan.projected, shapes.experts.worked * shapes.experts.ffn_in});
    MemoryUse use;
    use.capacity = chip.hbm.capacity;
    use.categories = {{"weights", weights_kept(shapes, weights)},
                      {"cache", cache},
                      {"activations", shapes.bytes(2 * shapes.tokens * (shapes.hidden + widest))},
                      {"logits", Bytes(shapes.sequences * shapes.vocab * decoder::kFp32Bytes)}};
    return use;
  }

 private:
  [[nodiscard]] decoder::Shapes shapes() const {
    decoder::Shapes shapes(model_, plan_.ranks, stack());
    shapes.cache = plan_.cache;
    shapes.compression = plan_.compression;
    return shapes;
  }
  // Tables and norms stay as they are computed with.
  [[nodiscard]] Bytes weights_kept(const decoder::Shapes& shapes, const decoder::Weights& weights) const {
    const std::int64_t bits = plan_.compression.weight_bits;
    const Bytes others = shapes.bytes(weights.all() - weights.products);
    Bytes products = shapes.bytes(weights.products);
    if (bits > 0) products = Bytes(weights.products * bits / 8);
    return others + (plan_.compression.sparse ? Bytes(products.count() / 2) : products);
  }

  DecoderModel model_;
  InferencePlan plan_;
  std::vector<std::string> warnings_;
};

}  // namespace

InferencePlan read_inference_plan(PlanKeys& keys, const DecoderModel& model, std::int64_t fresh, std::int64_t cached) {
  InferencePlan plan;
  Plan& ranks = plan.ranks;
  static_cast<void>(keys.find("phase"));
  ranks.tensor = keys.integer("tensor", 1, 1, kMostFamilyRanks);
  ranks.data = keys.integer("data", 1, 1, kMostFamilyRanks);
  ranks.expert = keys.integer("expert", 1, 1, kMostFamilyRanks);
  ranks.expert_tensor = keys.integer("expert_tensor", 0, 1, kMostFamilyRanks);
  if (const auto imbalance = keys.find("imbalance")) ranks.imbalance = read_imbalance(*imbalance, model, ranks.expert);
  ranks.batch = keys.required("batch", 1, kMostFamilySamples);
  ranks.microbatch = std::max<std::int64_t>(1, ranks.batch / ranks.data);
  ranks.sequence = fresh;
  ranks.sequence_parallel = model.experts.has_value() && ranks.tensor > 1;
  plan.cache.tokens = cached;
  plan.cache.bits = kCacheWidths[keys.choice("kv", "precision of keys and values", names_of(kCacheWidths))].bits;
  if (const auto weights = keys.find("weights"))
    plan.compression.weight_bits = kWeightWidths[weights->choice("precision of weights", names_of(kWeightWidths))].bits;
  plan.compression.sparse = keys.choice("sparsity", "sparsity", {"dense", "2:4"}) == 1;
  keys.finish();
  if (!model.attends()) keys.idle("kv", "no layer attends: there are no keys and values");
  if (!model.attends()) keys.idle("cached", "no layer attends: a state is as large whatever it stands for");
  if (model.ends != "language")
    keys.fail("phase", fmt::format("{} makes no tokens: only models of language do", model.name));
  check_shares(keys, model, ranks);
  if (static_cast<Int128>(ranks.microbatch) * (fresh + cached) > kMostTokensHeld)
    keys.fail("batch", "so many tokens are more than anything holds");
  return plan;
}

std::shared_ptr<const Workload> inference_step(std::string_view phase, const DecoderModel& model, InferencePlan plan,
                                               const Stack& stack, std::vector<std::string> warnings) {
  DecoderModel serving = model;
  serving.dropout = false;
  serving.predicted = 0;
  return std::make_shared<const InferenceStep>(phase, std::move(serving), std::move(plan), stack, std::move(warnings));
}

}  // namespace orrery
