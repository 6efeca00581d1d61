// Writes forward, B and W passes in turn.
#include "workloads/schedules/deferred_weights.h"

#include <algorithm>

namespace orrery {

std::vector<Pass> passes_with_deferred_weights(std::int32_t microbatches, std::int32_t warm_up, std::int32_t delay) {
  std::vector<Pass> order;
  order.reserve(3 * static_cast<std::size_t>(microbatches));
  std::int32_t forward = 0;
  std::int32_t weights = 0;
  while (forward < std::min(warm_up, microbatches))
    order.push_back({.kind = PassKind::kForward, .microbatch = forward++});
  for (std::int32_t m = 0; m < microbatches; ++m) {
    order.push_back({.kind = PassKind::kInputGradient, .microbatch = m});
    if (m >= delay) order.push_back({.kind = PassKind::kWeightGradient, .microbatch = weights++});
    if (forward < microbatches) order.push_back({.kind = PassKind::kForward, .microbatch = forward++});
  }
  while (weights < microbatches) order.push_back({.kind = PassKind::kWeightGradient, .microbatch = weights++});
  return order;
}

}  // namespace orrery
