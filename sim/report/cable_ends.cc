// Walks outwards from the chips, switch by switch, with the cables that are needed so far.
#include "sim/report/cable_ends.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "topology/adjacency.h"

namespace orrery {
namespace {

constexpr std::uint32_t kUnreached = std::numeric_limits<std::uint32_t>::max();

struct Stand {
  std::uint32_t hops = kUnreached;
  double below = 0;  // cables that lead up to it and count
  double part = 0;   // of the cables that lead up from it
};

// `order`: of being reached, so by distance from the chips.
void find_parts(const Fabric& fabric, const Adjacency& out, const std::vector<std::uint32_t>& order,
                std::vector<Stand>& stands) {
  for (const std::uint32_t vertex : order) {
    Stand& stand = stands[vertex];
    double up = 0;
    for (const Adjacency::Arc& arc : out.arcs(vertex)) up += stands[arc.other].hops == stand.hops + 1 ? 1.0 : 0.0;
    const bool is_switch = fabric.vertices()[VertexId(vertex)].kind == VertexKind::kSwitch;
    if (stand.hops > 0) stand.part = stand.below > 0 && !is_switch ? 1 : up > 0 ? std::min(1.0, stand.below / up) : 0;
    for (const Adjacency::Arc& arc : out.arcs(vertex))
      if (stands[arc.other].hops == stand.hops + 1) stands[arc.other].below += stand.part;
  }
}

}  // namespace

CableEnds cable_ends(const Fabric& fabric, const Placement& placement) {
  const Adjacency out(fabric, Adjacency::Direction::kOut);
  std::vector<Stand> stands(fabric.vertices().size());
  std::vector<std::uint32_t> order;
  for (std::size_t chip = 0; chip < fabric.chip_count(); ++chip) {
    order.push_back(fabric.engine(ChipId(chip)).index());
    stands[order.back()].hops = 0;
  }
  for (const ChipId chip : placement) stands[fabric.engine(chip).index()].part = 1;
  for (std::size_t head = 0; head < order.size(); ++head) {
    for (const Adjacency::Arc& arc : out.arcs(order[head])) {
      if (stands[arc.other].hops != kUnreached) continue;
      stands[arc.other].hops = stands[order[head]].hops + 1;
      order.push_back(arc.other);
    }
  }
  find_parts(fabric, out, order, stands);

  CableEnds ends;
  for (const Link& link : fabric.links()) {
    if (link.kind != LinkKind::kNetwork && link.kind != LinkKind::kOptics) continue;
    const Stand& from = stands[link.from.index()];
    const Stand& to = stands[link.to.index()];
    const bool used = (from.part > 0 || from.below > 0) && (to.part > 0 || to.below > 0);
    const double part = from.hops < to.hops ? from.part : from.hops > to.hops ? to.part : used ? 1 : 0;
    // Each end of a cable is where one of its two directions begins.
    ends.all += part;
    if (fabric.vertices()[link.from].kind == VertexKind::kSwitch) ends.at_switches += part;
  }
  return ends;
}

}  // namespace orrery
