// Rings by node: each ring's stretch through a node starts and ends at members of its own.
#include "sim/collective/rings.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <map>

namespace orrery {

namespace {

using Positions = std::vector<std::int32_t>;

// The positions of each node, nodes in order of their first position.
std::vector<Positions> by_node(const Group& group) {
  std::vector<Positions> nodes;
  std::map<std::uint32_t, std::size_t> seen;
  for (std::size_t i = 0; i < group.size(); ++i) {
    const auto [entry, added] = seen.emplace(group.node[i], nodes.size());
    if (added) nodes.emplace_back();
    nodes[entry->second].push_back(static_cast<std::int32_t>(i));
  }
  return nodes;
}

// All members from `enter` on, wrapping round, with `leave` kept for the end.
void append_stretch(Positions& ring, const Positions& members, std::size_t enter, std::size_t leave) {
  for (std::size_t k = 0; k < members.size(); ++k) {
    const std::size_t at = (enter + k) % members.size();
    if (at != leave || at == enter) ring.push_back(members[at]);
  }
  if (leave != enter) ring.push_back(members[leave]);
}

}  // namespace

std::vector<Positions> rings(const Group& group) {
  const std::vector<Positions> nodes = by_node(group);
  std::size_t count = std::numeric_limits<std::size_t>::max();
  for (const Positions& members : nodes) count = std::min(count, members.size());
  if (nodes.size() < 2) count = std::min<std::size_t>(count, 1);
  std::vector<Positions> all(count);
  for (std::size_t c = 0; c < count; ++c) {
    const std::size_t partner = count % 2 == 0 ? c ^ std::size_t{1} : (c + 1) % count;
    for (std::size_t k = 0; k < nodes.size(); ++k) {
      const Positions& members = nodes[k];
      if (count == 1) {
        append_stretch(all[c], members, 0, members.size() - 1);
      } else if (k % 2 == 0) {
        append_stretch(all[c], members, c, partner);
      } else {
        append_stretch(all[c], members, partner, c);
      }
    }
  }
  return all;
}

}  // namespace orrery
