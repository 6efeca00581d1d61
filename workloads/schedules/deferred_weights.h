// 1F1B whose weights' gradients are made some microbatches late: the common form of ZB-H1 and ZB-2P.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/schedules/schedule.h"

namespace orrery {

// `warm_up` forward passes come first, then B, W and a forward pass in turn; W is that of the microbatch `delay` before
// B's. What is left of either kind follows.
[[nodiscard]] std::vector<Pass> passes_with_deferred_weights(std::int32_t microbatches, std::int32_t warm_up,
                                                             std::int32_t delay);

}  // namespace orrery
