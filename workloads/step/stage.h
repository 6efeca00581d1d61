// One pipeline stage's role: its passes in the schedule's order, and the messages between them.
#pragma once

#include <span>
#include <vector>

#include "workloads/schedules/schedule.h"
#include "workloads/step/tape.h"

namespace orrery::step {

// What a stage plays: a tape for each kind of pass of each chunk.
struct ChunkTapes {
  Tape forward;
  Tape first_forward;  // of the first microbatch to come through
  Tape backward;
  Tape last_backward;   // with which gradients are reduced: of the last microbatch to come through, or of more (below)
  Tape input_gradient;  // of a split backward pass
  Tape weight_gradient;
  Tape last_weight_gradient;
};

// What crosses a stage boundary for one microbatch.
struct Boundary {
  Bytes sent;      // by each rank
  Bytes gathered;  // over the tensor group once received, where ranks sent just their share; 0: nothing to gather
};

struct StagePlan {
  std::int32_t stage = 0;
  std::int32_t stages = 1;
  std::int32_t chunks = 1;
  std::span<const Pass> passes;                // of this stage
  std::span<const ChunkTapes* const> tapes;    // by chunk
  std::span<const std::int32_t> first_layers;  // by chunk
  std::span<const ChunkPlace> places;          // by chunk
  Boundary boundary;
  // Gradients are reduced whenever the stage's backward passes turn to another chunk; in each pass where there is one.
  bool reduces_runs = false;
  bool messages_apart = false;  // beside compute, those of each kind and chunk on streams of their own
  bool staggers = false;        // the prologue waits for the first pass's input
};

// `prologue` and `epilogue` are played once, before the first and after the last pass.
[[nodiscard]] Role write_stage(Draft& draft, const StagePlan& plan, const Tape& prologue, const Tape& epilogue);

}  // namespace orrery::step
