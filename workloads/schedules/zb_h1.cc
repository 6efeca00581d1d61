// ZB-H1: 1F1B with its backward passes split, so that W fills a third of the bubble at 1F1B's memory.
//
// Source: Qi et al. 2023, Zero Bubble Pipeline Parallelism (arXiv 2401.10241), section 2.2.1 and figure 3. Stage i of p
// warms up as in 1F1B; its W comes i microbatches after its B, so that every stage keeps what p microbatches need: what
// stage 0 keeps in 1F1B. With F, B, W the times of the three passes, the bubble is (p − 1)(F + B − W) against 1F1B's
// (p − 1)(F + B + W), both with the same update at the same time on all stages.
#include "workloads/schedules/deferred_weights.h"

namespace orrery {
namespace {

std::vector<Pass> zb_h1_passes(std::int32_t stage, std::int32_t stages, std::int32_t microbatches,
                               std::int32_t /*interleave*/) {
  return passes_with_deferred_weights(microbatches, stages - stage, stage);
}

const PipelineSchedules::Entry kZbH1{
    {.name = "zb_h1",
     .sentence = "1f1b with weights' gradients made later, in its bubble: a third of the bubble at the same memory",
     .passes = &zb_h1_passes,
     .splits = true}};

}  // namespace
}  // namespace orrery
