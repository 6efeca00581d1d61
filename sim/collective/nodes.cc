// One pass over the positions.
#include "sim/collective/nodes.h"

#include <algorithm>
#include <limits>
#include <map>

namespace orrery {

Nodes by_node(const Group& group) {
  Nodes nodes;
  std::map<std::uint32_t, std::size_t> seen;
  for (std::size_t i = 0; i < group.size(); ++i) {
    const auto [entry, added] = seen.emplace(group.node[i], nodes.size());
    if (added) nodes.emplace_back();
    nodes[entry->second].push_back(static_cast<std::int32_t>(i));
  }
  return nodes;
}

std::size_t least_members(const Nodes& nodes) {
  std::size_t least = std::numeric_limits<std::size_t>::max();
  for (const std::vector<std::int32_t>& members : nodes) least = std::min(least, members.size());
  return least;
}

}  // namespace orrery
