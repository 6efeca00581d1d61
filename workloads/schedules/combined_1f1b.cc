// Combined 1F1B: 1F1B, interleaved or not, whose forward and backward passes run in pairs, each hiding the other's
// exchanges with experts.
//
// Source: Megatron Core's --overlap-moe-expert-parallel-comm (combined_1f1b.py), which adds one forward pass to the
// interleaved schedule's warm-up, so that no pass of a pair needs what the other makes. Stage i of p with v chunks
// warms up with 2(p − i − 1) + (v − 1)p + 1 forward passes: one microbatch's more of a chunk is in flight. Bubble
// (p − 1)/(v·m) of the ideal time, as interleaved; with one chunk a stage too, which takes as many warm-up passes as
// DualPipe (Megatron Core runs one chunk a stage only without a pipeline).
#include <algorithm>

#include "workloads/schedules/microbatch_rounds.h"
#include "workloads/schedules/schedule.h"

namespace orrery {
namespace {

std::vector<Pass> combined_passes(std::int32_t stage, std::int32_t stages, std::int32_t microbatches,
                                  std::int32_t interleave) {
  const std::int32_t total = microbatches * interleave;
  const std::int32_t warm_up = std::min(total, 2 * (stages - stage - 1) + (interleave - 1) * stages + 1);
  return rounds(warm_up, stages, microbatches, interleave, true);
}

const PipelineSchedules::Entry kCombined{
    {.name = "combined_1f1b",
     .sentence = "1f1b in pairs of passes that hide each other's exchanges with experts; one more in flight",
     .passes = &combined_passes,
     .interleaves = true,
     .weaves = true}};

}  // namespace
}  // namespace orrery
