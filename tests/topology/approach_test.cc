// Gateways: where they are, and that searches beyond them find what searches from each destination find.
#include "topology/approach.h"

#include <string>
#include <vector>

#include "tests/topology/routing_fixture.h"
#include "topology/minimal_paths.h"

namespace orrery::test {

namespace {

std::vector<VertexKind> kinds_in(const Fabric& fabric) {
  std::vector<VertexKind> kinds;
  for (const Vertex& vertex : fabric.vertices()) kinds.push_back(vertex.kind);
  return kinds;
}

Approach approach_to(const Fabric& fabric, std::size_t chip) {
  const Adjacency in(fabric, Adjacency::Direction::kIn);
  std::vector<std::uint32_t> distance(fabric.vertices().size(), DistanceField::kUnreached);
  const Approach approach =
      find_approach(fabric.engine(ChipId(chip)).index(), in, kinds_in(fabric), Transit::kNetwork, distance);
  CHECK(std::all_of(distance.begin(), distance.end(), [](auto hops) { return hops == DistanceField::kUnreached; }));
  return approach;
}

// Plain searches, one for each destination.
void check_lengths(const Fabric& fabric) {
  const Adjacency in(fabric, Adjacency::Direction::kIn);
  const std::vector<VertexKind> kinds = kinds_in(fabric);
  MinimalPaths paths(fabric);
  const std::size_t chips = fabric.chip_count();
  for (std::size_t to = 0; to < chips; ++to) {
    for (std::size_t k = 1; k < chips; ++k) {
      const VertexId from = fabric.engine(ChipId((to + k * 5) % chips));
      const VertexId end = fabric.engine(ChipId(to));
      if (from == end) continue;
      const MinimalPaths::Descent descent = paths.descent(from, end);
      DistanceField plain(kinds.size(), end.index());
      REQUIRE(plain.reach(from.index(), in, kinds, descent.transit) == descent.length);
      for (std::uint32_t v = 0; v < kinds.size(); ++v)
        if (plain.at(v) < descent.length) REQUIRE(descent.is_at(v, plain.at(v)));
    }
  }
}

}  // namespace

TEST_CASE("a chip's gateway is the switch that all its ways in have in common") {
  const Cluster tree =
      cluster_of("{shape: fat_tree, nodes: 16, nodes_per_leaf: 4, " + kCable + ", spine: {switches: 4}}");
  const Approach approach = approach_to(tree.fabric, 6);
  CHECK(tree.fabric.vertices()[VertexId(approach.gateway)].kind == VertexKind::kSwitch);
  CHECK(approach_to(tree.fabric, 5).gateway == approach.gateway);
  CHECK(approach_to(tree.fabric, 8).gateway != approach.gateway);
  CHECK(approach.at(approach.gateway) == approach.depth);
}

TEST_CASE("where several ways lead in a destination is its own gateway") {
  const Cluster torus = cluster_of("{shape: torus, size: [4, 4], " + kCable + "}");
  const Approach approach = approach_to(torus.fabric, 3);
  CHECK(approach.gateway == torus.fabric.engine(ChipId(std::size_t{3})).index());
  CHECK(approach.depth == 0);
}

TEST_CASE("lengths through gateways are those of a search from each destination") {
  for (const std::string& spec :
       {"{shape: fat_tree, nodes: 16, nodes_per_leaf: 4, " + kCable + ", spine: {switches: 4}}",
        "{shape: rail_fat_tree, nodes: 4, nodes_per_unit: 2, " + kCable + ", spine: {switches: 2}, " + kRailNode + "}",
        "{shape: torus, size: [4, 3], " + kCable + "}", "{shape: ring, blocks: 7, " + kCable + "}",
        "{shape: dragonfly, groups: 5, routers: 2, blocks_per_router: 2, global_links: 2, " + kCable + "}"})
    check_lengths(cluster_of(spec).fabric);
}

}  // namespace orrery::test
