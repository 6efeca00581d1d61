// Looks through each chip's cables for those to the others of its node.
#include "topology/cliques.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

namespace orrery {
namespace {

// The vertices that cables lead to from a chip, in order.
std::vector<std::size_t> neighbours(const Fabric& fabric, ChipId chip) {
  const auto [first, last] = boost::out_edges(fabric.engine(chip).index(), fabric.graph());
  std::vector<std::size_t> targets;
  for (auto edge = first; edge != last; ++edge) targets.push_back(boost::target(*edge, fabric.graph()));
  std::sort(targets.begin(), targets.end());
  return targets;
}

bool is_clique(const Fabric& fabric, std::span<const ChipId> members) {
  for (const ChipId member : members) {
    const std::vector<std::size_t> targets = neighbours(fabric, member);
    for (const ChipId other : members)
      if (other != member && !std::binary_search(targets.begin(), targets.end(), fabric.engine(other).index()))
        return false;
  }
  return true;
}

}  // namespace

bool are_cliques(const Fabric& fabric, std::span<const ChipId> chips) {
  std::unordered_map<std::uint32_t, std::vector<ChipId>> nodes;
  for (const ChipId chip : chips) nodes[fabric.node_of(chip)].push_back(chip);
  return std::all_of(nodes.begin(), nodes.end(),
                     [&fabric](const auto& node) { return is_clique(fabric, node.second); });
}

}  // namespace orrery
