// Hierarchical collectives: NVLink reduce-scatter, rail all-reduce, NVLink all-gather, each by an algorithm of its own.
//
// m nodes of g members. All-reduce: within each node a reduce-scatter leaves member j with piece j of g; the members j
// of all nodes, a rail, all-reduce it; an all-gather within each node ends it. A NIC sends 2(m−1)/m · S/g, about a
// ring's 2(n−1)/n · S/g, but in 2(m−1) messages of latency instead of 2(n−1). With rings at bandwidths B₁ inside and B₂
// between: 2(g−1)(α₁ + S/(gB₁)) + 2(m−1)(α₂ + S/(gmB₂)). Reduce-scatter is its first half, all-gather its second. The
// levels follow each other, as where a library is called for each (Horovod's HOROVOD_HIERARCHICAL_ALLREDUCE): they do
// not overlap in chunks. Nodes of unequal size have no rails: then, as with a single node or single members, there is
// one level, and `between` (`inside`) does it alone. Sources: Jia et al. 2018, "Highly scalable deep learning training
// system with mixed-precision: training ImageNet in four minutes", section 4; Cho, Finkler, Serrano, Kung, Hunter 2019,
// "BlueConnect: decomposing all-reduce for deep learning on heterogeneous network hierarchy", MLSys.
#include "sim/collective/hierarchical.h"

#include <cassert>

#include "sim/collective/nodes.h"
#include "sim/collective/parts.h"
#include "sim/collective/ring_steps.h"

namespace orrery {

namespace {

bool all_equal(const Nodes& nodes) {
  for (const std::vector<std::int32_t>& members : nodes)
    if (members.size() != nodes.front().size()) return false;
  return true;
}

// n positions that all stand in one node, or each in its own. The part inside goes along one ring even where all are
// joined by cables: only then is a piece one member's, which the part between needs.
Group together(std::size_t n) { return Group{std::vector<std::uint32_t>(n, 0)}; }
Group apart(std::size_t n) {
  Group group;
  for (std::size_t p = 0; p < n; ++p) group.node.push_back(static_cast<std::uint32_t>(p));
  return group;
}

}  // namespace

Schedule write_hierarchical(const CollectiveAlgorithm& inside, const CollectiveAlgorithm& between, CollectiveKind kind,
                            const Group& group, Bytes bytes) {
  assert(inside.supports(kind) && between.supports(kind));
  const Nodes nodes = by_node(group);
  const std::size_t g = nodes.empty() ? 0 : nodes.front().size();
  if (nodes.size() < 2) return inside.write(kind, group, bytes);
  if (g < 2 || !all_equal(nodes)) return between.write(kind, group, bytes);

  const Bytes share = piece_of(bytes, static_cast<std::int64_t>(g));
  const Schedule rail = between.write(kind, apart(nodes.size()), share);
  Schedule whole;
  whole.pieces = static_cast<std::int32_t>(g) * rail.pieces;
  const auto add_inside = [&](CollectiveKind half) {
    const Schedule part = inside.write(half, together(g), bytes);
    assert(part.pieces == static_cast<std::int32_t>(g));
    const std::size_t stage = whole.steps.size();
    for (const std::vector<std::int32_t>& members : nodes) add_part(part, {members, 0, rail.pieces, 0}, stage, whole);
  };

  if (kind != CollectiveKind::kAllGather) add_inside(CollectiveKind::kReduceScatter);
  const std::size_t stage = whole.steps.size();
  std::vector<std::int32_t> members(nodes.size());
  for (std::size_t j = 0; j < g; ++j) {
    for (std::size_t k = 0; k < nodes.size(); ++k) members[k] = nodes[k][j];
    add_part(rail, {members, static_cast<std::int32_t>(j) * rail.pieces, 1, 0}, stage, whole);
  }
  if (kind != CollectiveKind::kReduceScatter) add_inside(CollectiveKind::kAllGather);
  for (Step& step : whole.steps) step.bytes = piece_of(bytes, whole.pieces);
  return whole;
}

namespace {

bool supports_levels(CollectiveKind kind) {
  return kind == CollectiveKind::kAllReduce || kind == CollectiveKind::kReduceScatter ||
         kind == CollectiveKind::kAllGather;
}

Schedule write_rings(CollectiveKind kind, const Group& group, Bytes bytes) {
  const CollectiveAlgorithm& ring = *CollectiveAlgorithms::find("ring");
  return write_hierarchical(ring, ring, kind, group, bytes);
}

Schedule write_direct_halving(CollectiveKind kind, const Group& group, Bytes bytes) {
  return write_hierarchical(*CollectiveAlgorithms::find("direct"), *CollectiveAlgorithms::find("halving_doubling"),
                            kind, group, bytes);
}

const CollectiveAlgorithms::Entry kHierarchical{
    {"hierarchical", "rings by level: reduce-scatter in each node, all-reduce on each rail, all-gather in each node",
     kAnyMembers, &supports_levels, &write_rings}};
const CollectiveAlgorithms::Entry kHierarchicalDirect{
    {"hierarchical_direct", "by level: direct inside nodes, halving_doubling on each rail: few steps", kAnyMembers,
     &supports_levels, &write_direct_halving}};

}  // namespace

}  // namespace orrery
