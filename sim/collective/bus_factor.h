// What turns the algorithm bandwidth of a collective into the bus bandwidth that nccl-tests prints.
#pragma once

#include <cstddef>

#include "sim/collective/schedule.h"

namespace orrery {

// busbw = algbw × factor, algbw = bytes ÷ time. On a machine where every member sends and receives at B, no algorithm
// gets a bus bandwidth above B: so it is compared with the hardware's, whatever the number of members. Of `members`
// ≥ 1. Source: nccl-tests, doc/PERFORMANCE.md and src/*.cu: all-reduce 2(n − 1)/n; all-gather, reduce-scatter, gather,
// scatter and all-to-all (n − 1)/n (all-to-all-v as all-to-all); broadcast, reduce and send/recv 1. A barrier moves
// nothing: 0.
[[nodiscard]] double bus_factor(CollectiveKind kind, std::size_t members);

}  // namespace orrery
