// Counts passes of either direction and turns each number into a chunk and a microbatch.
#include "workloads/schedules/microbatch_rounds.h"

namespace orrery {
namespace {

// The k-th pass of a direction.
Pass nth_of_rounds(bool backward, std::int32_t k, std::int32_t stages, std::int32_t interleave) {
  const std::int32_t round = stages * interleave;
  const std::int32_t chunk = k % round / stages;
  return {.kind = backward ? PassKind::kBackward : PassKind::kForward,
          .microbatch = k / round * stages + k % stages,
          .chunk = backward ? interleave - 1 - chunk : chunk};
}

}  // namespace

std::vector<Pass> rounds(std::int32_t warm_up, std::int32_t stages, std::int32_t microbatches, std::int32_t interleave,
                         bool woven) {
  const std::int32_t total = microbatches * interleave;
  std::vector<Pass> order;
  order.reserve(2 * static_cast<std::size_t>(total));
  for (std::int32_t k = 0; k < warm_up; ++k) order.push_back(nth_of_rounds(false, k, stages, interleave));
  for (std::int32_t k = warm_up; k < total; ++k) {
    order.push_back(nth_of_rounds(false, k, stages, interleave));
    order.back().exchange = false;
    order.back().woven = woven;
    order.push_back(nth_of_rounds(true, k - warm_up, stages, interleave));
  }
  for (std::int32_t k = total - warm_up; k < total; ++k) order.push_back(nth_of_rounds(true, k, stages, interleave));
  return order;
}

}  // namespace orrery
