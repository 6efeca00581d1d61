// Looks at each chip's cables for those to the others of its node.
#include "topology/cliques.h"

#include <unordered_map>
#include <vector>

#include "topology/cables.h"

namespace orrery {

bool are_cliques(const Fabric& fabric, std::span<const ChipId> chips) {
  std::unordered_map<std::uint32_t, std::vector<ChipId>> nodes;
  for (const ChipId chip : chips) {
    std::vector<ChipId>& others = nodes[fabric.node_of(chip)];
    for (const ChipId other : others)
      if (!cable_between(fabric, other, chip) || !cable_between(fabric, chip, other)) return false;
    others.push_back(chip);
  }
  return true;
}

}  // namespace orrery
