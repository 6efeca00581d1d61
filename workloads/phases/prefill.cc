// Prefill: the prompts of some sequences are read at once, to fill their caches and make the first token of each.
//
// Plan keys of its own: `prompt`, the tokens of each sequence; `cached: 0`, those of its prefix that a cache has kept.
// Others: inference_step.h.
#include "workloads/phases/inference_step.h"
#include "workloads/phases/phase.h"

namespace orrery {
namespace {

constexpr std::int64_t kLongestPrompt = std::int64_t{1} << 24U;

std::shared_ptr<const Workload> read_prefill(const DecoderModel& model, const yaml::Node& node, const Stack& stack) {
  PlanKeys keys(node);
  const std::int64_t prompt = keys.required("prompt", 1, kLongestPrompt);
  const std::int64_t cached = keys.integer("cached", 0, 0, kLongestPrompt);
  InferencePlan plan = read_inference_plan(keys, model, prompt, cached);
  return inference_step("prefill", model, std::move(plan), stack, keys.warnings());
}

const InferencePhases::Entry kPrefill{
    {"prefill", "prompts read at once, to fill caches and make first tokens", &read_prefill}};

}  // namespace
}  // namespace orrery
