// 1F1B: after a few forward passes a stage alternates one forward and one backward pass.
//
// Source: Narayanan et al., PipeDream, SOSP 2019, and Megatron-LM's schedule without interleaving (arXiv 2104.04473,
// figure 4). Stage i of p warms up with p − i − 1 forward passes; the bubble is GPipe's, but only min(m, p − i)
// microbatches are in flight.
#include <algorithm>

#include "workloads/schedules/schedule.h"

namespace orrery {
namespace {

std::vector<Pass> one_f_one_b_passes(std::int32_t stage, std::int32_t stages, std::int32_t microbatches,
                                     std::int32_t /*interleave*/) {
  const std::int32_t warm_up = std::min(stages - stage - 1, microbatches);
  std::vector<Pass> order;
  order.reserve(2 * static_cast<std::size_t>(microbatches));
  for (std::int32_t m = 0; m < warm_up; ++m) order.push_back({.kind = PassKind::kForward, .microbatch = m});
  for (std::int32_t m = warm_up; m < microbatches; ++m) {
    order.push_back({.kind = PassKind::kForward, .microbatch = m});
    order.push_back({.kind = PassKind::kBackward, .microbatch = m - warm_up});
  }
  for (std::int32_t m = microbatches - warm_up; m < microbatches; ++m)
    order.push_back({.kind = PassKind::kBackward, .microbatch = m});
  return order;
}

const PipelineSchedules::Entry kOneFOneB{
    {.name = "1f1b",
     .sentence = "one forward, one backward pass in turn; at most as many microbatches in flight as stages",
     .passes = &one_f_one_b_passes}};

}  // namespace
}  // namespace orrery
