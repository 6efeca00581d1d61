// DualPipeV: DualPipe folded at its middle, so that half the stages hold one copy of the weights.
//
// Source: Qi et al., sail-sg's cut-in-half of DualPipe, and github.com/deepseek-ai/DualPipe, dualpipev.py: p stages of
// two chunks in a V run as 2p stages of DualPipe do, all microbatches entering at the one end that there is. Bubble
// (p − 1)(F&B + B − 3W), of chunks half as long as the stages; 2p + 1 half chunks in flight.
#include "workloads/schedules/dual_passes.h"

namespace orrery {
namespace {

std::vector<Pass> dualpipe_v_passes(std::int32_t stage, std::int32_t stages, std::int32_t microbatches,
                                    std::int32_t /*interleave*/) {
  return dual_passes(stage, stages, microbatches);
}

const PipelineSchedules::Entry kDualpipeV{
    {.name = "dualpipe_v",
     .sentence = "dualpipe folded into a V: two chunks a stage, a small bubble, one copy of the weights",
     .passes = &dualpipe_v_passes,
     .way = Way::kVee,
     .splits = true,
     .weaves = true,
     .least = 2}};

}  // namespace
}  // namespace orrery
