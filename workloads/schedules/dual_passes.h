// The order of passes of DualPipe, on half of its stages: two streams of microbatches that meet in the middle.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/schedules/schedule.h"

namespace orrery {

// Of the stage that is the `rank`-th of `ranks` from an end of the pipeline towards its middle (of DualPipeV: from the
// first to the last). Chunk 0 takes the microbatches that come from there, chunk 1 those that come back from the
// middle; each numbers its own `microbatches` from 0.
[[nodiscard]] std::vector<Pass> dual_passes(std::int32_t rank, std::int32_t ranks, std::int32_t microbatches);

}  // namespace orrery
