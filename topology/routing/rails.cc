// Looks for each chip's NIC and that NIC's switch.
#include "topology/routing/rails.h"

#include <algorithm>

#include "topology/adjacency.h"

namespace orrery {
namespace {

// The first neighbour of a kind; invalid where there is none.
VertexId first_neighbour(const Fabric& fabric, const Adjacency& out, VertexId vertex, VertexKind kind) {
  for (const Adjacency::Arc& arc : out.arcs(vertex.index()))
    if (fabric.vertices()[VertexId(arc.other)].kind == kind) return VertexId(arc.other);
  return {};
}

}  // namespace

std::optional<Rails> find_rails(const Fabric& fabric) {
  const Adjacency out(fabric, Adjacency::Direction::kOut);
  std::vector<std::vector<VertexId>> leaves(fabric.node_count());  // by node, in order of rail
  Rails rails;
  for (std::size_t i = 0; i < fabric.chip_count(); ++i) {
    const VertexId nic = first_neighbour(fabric, out, fabric.engine(ChipId(i)), VertexKind::kNic);
    if (!nic.valid()) return std::nullopt;
    const VertexId leaf = first_neighbour(fabric, out, nic, VertexKind::kSwitch);
    if (!leaf.valid()) return std::nullopt;
    std::vector<VertexId>& its = leaves[fabric.node_of(ChipId(i))];
    auto found = std::find(its.begin(), its.end(), leaf);
    if (found == its.end()) found = its.insert(its.end(), leaf);
    rails.rail.add(static_cast<std::uint32_t>(found - its.begin()));
    rails.nic.add(nic);
  }
  for (const std::vector<VertexId>& its : leaves)
    if (its.size() != leaves.front().size()) return std::nullopt;
  rails.count = leaves.empty() ? 0 : leaves.front().size();
  if (rails.count < 2) return std::nullopt;
  return rails;
}

}  // namespace orrery
