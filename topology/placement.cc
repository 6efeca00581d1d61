// The placements that come with Orrery: packed and spread.
#include "topology/placement.h"

#include <fmt/format.h>

#include "sim/base/error.h"

namespace orrery {
namespace {

void check_room(const Fabric& fabric, std::size_t ranks) {
  if (ranks > fabric.chip_count())
    throw RunError(fmt::format("{} ranks need as many chips, but the cluster has {}", ranks, fabric.chip_count()));
}

Placement place_packed(const Fabric& fabric, std::size_t ranks) {
  check_room(fabric, ranks);
  Placement placement;
  for (std::size_t rank = 0; rank < ranks; ++rank) placement.add(ChipId(rank));
  return placement;
}

Placement place_spread(const Fabric& fabric, std::size_t ranks) {
  check_room(fabric, ranks);
  std::vector<std::vector<ChipId>> nodes(fabric.node_count());
  for (std::size_t i = 0; i < fabric.chip_count(); ++i) nodes[fabric.node_of(ChipId(i))].emplace_back(i);
  Placement placement;
  for (std::size_t round = 0; placement.size() < ranks; ++round)
    for (const std::vector<ChipId>& node : nodes)
      if (round < node.size() && placement.size() < ranks) placement.add(node[round]);
  return placement;
}

const Placements::Entry kPacked{{"packed", "rank r on chip r: nodes are filled one after another", &place_packed}};
const Placements::Entry kSpread{
    {"spread", "ranks dealt to the nodes in turn: neighbours in rank are in different nodes", &place_spread}};

}  // namespace
}  // namespace orrery
