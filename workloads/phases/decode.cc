// Decoding: each step reads all weights and each sequence's cache to make one token (or a few) of every sequence.
//
// Plan keys of its own: `cached`, the tokens that each sequence holds before the step; `tokens: 1`, those that a step
// makes or verifies of each (more: speculative decoding's verification). Others: inference_step.h.
//
// Law. An engine's step can't be shorter than the weights that its rows need and the caches of its sequences take to
// read; products of few rows are waves of few tiles (compute/matrix.cc). Of experts only those are read that a row goes
// to, E·(1 − (1 − k/E)^tokens) on average.
#include "workloads/phases/inference_step.h"
#include "workloads/phases/phase.h"

namespace orrery {
namespace {

constexpr std::int64_t kLongestCache = std::int64_t{1} << 30U;
constexpr std::int64_t kMostAtOnce = 64;

std::shared_ptr<const Workload> read_decode(const DecoderModel& model, const yaml::Node& node, const Stack& stack) {
  PlanKeys keys(node);
  const std::int64_t cached = keys.required("cached", 0, kLongestCache);
  const std::int64_t fresh = keys.integer("tokens", 1, 1, kMostAtOnce);
  InferencePlan plan = read_inference_plan(keys, model, fresh, cached);
  return inference_step("decode", model, std::move(plan), stack, keys.warnings());
}

const InferencePhases::Entry kDecode{
    {"decode", "one token more of every sequence, with a cache of keys and values", &read_decode}};

}  // namespace
}  // namespace orrery
