// The members of a group by the node that they stand in.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/collective/schedule.h"

namespace orrery {

// The positions of each node, nodes in order of their first position.
using Nodes = std::vector<std::vector<std::int32_t>>;
[[nodiscard]] Nodes by_node(const Group& group);

// How many members the smallest node has.
[[nodiscard]] std::size_t least_members(const Nodes& nodes);

}  // namespace orrery
