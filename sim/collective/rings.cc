// Rings by node: each ring's stretch through a node starts and ends at members of its own.
#include "sim/collective/rings.h"

#include <algorithm>
#include <cstddef>

#include "sim/collective/nodes.h"

namespace orrery {

namespace {

using Positions = std::vector<std::int32_t>;

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
  std::size_t count = least_members(nodes);
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
