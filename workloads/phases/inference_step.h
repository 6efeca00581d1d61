// A forward step of a decoder with a cache of keys and values: what prefill and decode have in common.
//
// Plan keys: `tensor`, `data` (engines that serve apart), `expert`, `expert_tensor` and `imbalance` as in training;
// `batch`, the sequences of a step over all engines; `weights: bf16 | fp8 | int4 | fp4` that are read (the stack's own
// where absent), `kv: bf16 | fp8`, and `sparsity: dense | 2:4`.
#pragma once

#include <memory>

#include "workloads/decoder/shapes.h"
#include "workloads/families/plan_keys.h"
#include "workloads/family.h"
#include "workloads/model.h"
#include "workloads/plan.h"

namespace orrery {

struct InferencePlan {
  Plan ranks;            // tensor, data, expert…; microbatch: sequences of an engine; sequence: new tokens of each
  decoder::Cache cache;  // of each sequence, before the step
  decoder::Compression compression;
};

// Reads all keys but those that say how many tokens a sequence has: `fresh` new ones, beside `cached`. InputError for
// what doesn't divide or fit together.
[[nodiscard]] InferencePlan read_inference_plan(PlanKeys& keys, const DecoderModel& model, std::int64_t fresh,
                                                std::int64_t cached);

// `phase`: what the report calls it. Its samples are the tokens that a step makes (decode) or reads (prefill).
[[nodiscard]] std::shared_ptr<const Workload> inference_step(std::string_view phase, const DecoderModel& model,
                                                             InferencePlan plan, const Stack& stack,
                                                             std::vector<std::string> warnings);

}  // namespace orrery
