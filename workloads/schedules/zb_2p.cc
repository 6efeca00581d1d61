// ZB-2P (ZB-H2): twice 1F1B's microbatches in flight and W passes in between leave no bubble.
//
// Source: Qi et al. 2023, Zero Bubble Pipeline Parallelism (arXiv 2401.10241), section 2.2.2 and figure 3, with the
// optimizer's synchronisation bypassed as in section 4. Stage i of p warms up with 2(p − i) − 1 forward passes; its W
// comes 2i microbatches after its B, so that every stage keeps what 2p − 1 microbatches need. With equal times of F, B
// and W a stage never waits once it has begun: stages begin one after another, and end so. The bubble is
// (p − 1)(F + B − 2W).
#include "workloads/schedules/deferred_weights.h"

namespace orrery {
namespace {

std::vector<Pass> zb_2p_passes(std::int32_t stage, std::int32_t stages, std::int32_t microbatches,
                               std::int32_t /*interleave*/) {
  return passes_with_deferred_weights(microbatches, 2 * (stages - stage) - 1, 2 * stage);
}

const PipelineSchedules::Entry kZb2p{
    {.name = "zb_2p",
     .sentence = "split backward passes without a bubble, for twice 1f1b's activations; stages update by themselves",
     .passes = &zb_2p_passes,
     .splits = true,
     .staggers = true}};

}  // namespace
}  // namespace orrery
