// The order in which microbatches go through the chunks of a stage, in rounds of as many as there are stages.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/schedules/schedule.h"

namespace orrery {

// All passes of a stage whose first `warm_up` passes (of microbatches × interleave) are forward ones; then forward and
// backward passes take turns. A forward pass and the backward pass after it are a pair: `woven` or not, nothing is
// exchanged between them. Microbatches go in groups of `stages` through chunk 0, then through chunk 1, and so on;
// backward passes take the chunks the other way round.
[[nodiscard]] std::vector<Pass> rounds(std::int32_t warm_up, std::int32_t stages, std::int32_t microbatches,
                                       std::int32_t interleave, bool woven);

}  // namespace orrery
