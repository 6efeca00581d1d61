// Which layers of a model stand on which chunk of a pipeline.
//
// Law. A model of L layers has L places, one more if the embedding counts as a layer, one more if the head and its loss
// do. Places are dealt out evenly, n to each chunk, in the order in which a microbatch passes them (schedules/way.h): n
// = places ÷ (stages × chunks a stage), or, where stages hold two copies of the model, places ÷ stages. The embedding
// takes the first place of the first chunk, the head the last place of the last; where they don't count, they stand
// there beside n layers.
//
// Or the plan says how many layers each chunk has.
//
// Source: Llama Team 2024 (arXiv 2407.21783), section 3.3.2, which trains 126 layers on 16 stages in this way;
// Megatron-LM's --account-for-embedding-in-pipeline-split and --account-for-loss-in-pipeline-split.
#pragma once

#include <cstdint>

#include "workloads/model.h"
#include "workloads/plan.h"
#include "workloads/schedules/way.h"

namespace orrery {

struct LayerRange {
  std::int64_t first = 0;
  std::int64_t count = 0;  // 0: the embedding or the head alone

  friend bool operator==(const LayerRange&, const LayerRange&) = default;
};

// Of chunk `index` of a stage among those that a microbatch passes.
[[nodiscard]] ChunkPlace chunk_place(const Plan& plan, std::int64_t stage, std::int64_t index);

[[nodiscard]] std::int64_t layer_places(const DecoderModel& model, const Plan& plan);

// Of chunk `index` of a stage. The plan must be valid for the model (plan_fault).
[[nodiscard]] LayerRange chunk_layers(const DecoderModel& model, const Plan& plan, std::int64_t stage,
                                      std::int64_t index);

}  // namespace orrery
