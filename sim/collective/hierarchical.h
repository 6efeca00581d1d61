// Collectives by levels: one algorithm among the chips of a node, another among the chips of a rail.
#pragma once

#include "sim/collective/schedule.h"

namespace orrery {

// All-reduce, reduce-scatter or all-gather (hierarchical.cc). `inside` must leave piece j of a reduce-scatter with
// member j, and begin an all-gather there, as ring and direct do.
[[nodiscard]] Schedule write_hierarchical(const CollectiveAlgorithm& inside, const CollectiveAlgorithm& between,
                                          CollectiveKind kind, const Group& group, Bytes bytes);

}  // namespace orrery
