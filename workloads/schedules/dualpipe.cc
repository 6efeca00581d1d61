// DualPipe: microbatches from both ends of the pipeline at once, for two copies of the weights.
//
// Source: DeepSeek-AI 2024, DeepSeek-V3 (arXiv 2412.19437), section 3.2.1 and figure 5, in the order of
// github.com/deepseek-ai/DualPipe, whose table gives the bubble (p/2 − 1)(F&B + B − 3W), 2× parameters and p + 1
// activations; there B is the whole backward pass, W its part for weights, and F&B a forward and a backward pass that
// run at once: woven, so that F&B is at least F + B without what both send to experts. Where they send nothing, the
// forward pass of a pair runs before the backward pass and is sent on before that ends, and the bubble is shorter:
// (p/2 − 1)(F + B − 2W). Half of the microbatches enter at each end. Stage i holds the layers of stage p − 1 − i too,
// and both sum their gradients of either.
#include <algorithm>

#include "workloads/schedules/dual_passes.h"

namespace orrery {
namespace {

std::vector<Pass> dualpipe_passes(std::int32_t stage, std::int32_t stages, std::int32_t microbatches,
                                  std::int32_t /*interleave*/) {
  const std::int32_t half = microbatches / 2;
  std::vector<Pass> passes = dual_passes(std::min(stage, stages - 1 - stage), stages / 2, half);
  for (Pass& pass : passes)
    if (chunk_place(Way::kBothWays, stage, stages, pass.chunk, 2).copy == 1) pass.microbatch += half;
  return passes;
}

const PipelineSchedules::Entry kDualpipe{
    {.name = "dualpipe",
     .sentence = "microbatches enter at both ends and meet: a small bubble, for two copies of the weights",
     .passes = &dualpipe_passes,
     .way = Way::kBothWays,
     .splits = true,
     .weaves = true,
     .multiple = 2,
     .least = 2}};

}  // namespace
}  // namespace orrery
