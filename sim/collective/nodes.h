// The members of a group by the node that they stand in.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/collective/schedule.h"

namespace orrery {

// The positions of each node, nodes in order of their first position.
[[nodiscard]] std::vector<std::vector<std::int32_t>> by_node(const Group& group);

// How many members the smallest node has.
[[nodiscard]] std::size_t least_members(const std::vector<std::vector<std::int32_t>>& nodes);

}  // namespace orrery
