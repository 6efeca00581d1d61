// GPipe: a stage runs all forward passes, then all backward passes, the last microbatch first.
//
// Source: Huang et al., GPipe, NeurIPS 2019 (arXiv 1811.06965), figure 2c. Bubble (p − 1)/(m + p − 1) of the step; all
// m microbatches are in flight at once.
#include "workloads/schedules/schedule.h"

namespace orrery {
namespace {

std::vector<Pass> gpipe_passes(std::int32_t /*stage*/, std::int32_t /*stages*/, std::int32_t microbatches,
                               std::int32_t /*interleave*/) {
  std::vector<Pass> order;
  order.reserve(2 * static_cast<std::size_t>(microbatches));
  for (std::int32_t m = 0; m < microbatches; ++m) order.push_back({.kind = PassKind::kForward, .microbatch = m});
  for (std::int32_t m = microbatches - 1; m >= 0; --m) order.push_back({.kind = PassKind::kBackward, .microbatch = m});
  return order;
}

const PipelineSchedules::Entry kGpipe{
    {.name = "gpipe",
     .sentence = "all forward passes, then all backward passes; every microbatch in flight",
     .passes = &gpipe_passes}};

}  // namespace
}  // namespace orrery
