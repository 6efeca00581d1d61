// Placements: every rank has a chip of its own, in the order that the name says.
#include "topology/placement.h"

#include <set>

#include "tests/topology/fixture.h"

namespace orrery::test {
namespace {

const std::string kNodes =
    "{shape: single_switch, blocks: 3, link: {bandwidth: 25 GB/s, latency: 1 us}, block: {shape: nvswitch_node, chips: "
    "4, "
    "nvlink: {bandwidth: 300 GB/s, latency: 1 us}}}";

TEST_CASE("packed fills node after node") {
  const Cluster cluster = cluster_of(kNodes);
  const Placement placement = Placements::find("packed")->place(cluster.fabric, 7);
  REQUIRE(placement.size() == 7);
  for (std::size_t rank = 0; rank < 7; ++rank) CHECK(placement[RankId(rank)] == ChipId(rank));
}

TEST_CASE("spread deals to the nodes in turn") {
  const Cluster cluster = cluster_of(kNodes);
  const Placement placement = Placements::find("spread")->place(cluster.fabric, 12);
  REQUIRE(placement.size() == 12);
  std::set<ChipId> used;
  for (std::size_t rank = 0; rank < 12; ++rank) {
    CHECK(cluster.fabric.node_of(placement[RankId(rank)]) == rank % 3);
    used.insert(placement[RankId(rank)]);
  }
  CHECK(used.size() == 12);
}

TEST_CASE("spread goes on where nodes are of unequal size") {
  const Cluster cluster = cluster_of(
      "{shape: explicit, vertices: [{name: a, kind: chip, node: 0}, {name: b, kind: chip, node: 1}, {name: c, kind: "
      "chip, "
      "node: 1}, {name: d, kind: chip, node: 1}, {name: s, kind: switch}], link: {bandwidth: 25 GB/s, latency: 1 us}, "
      "links: [{from: a, to: s}, {from: b, to: s}, {from: c, to: s}, {from: d, to: s}]}");
  const Placement placement = Placements::find("spread")->place(cluster.fabric, 4);
  for (std::size_t rank = 0; rank < 4; ++rank) CHECK(placement[RankId(rank)] == ChipId(rank));
}

TEST_CASE("more ranks than chips can't be placed") {
  const Cluster cluster = cluster_of(kNodes);
  for (const PlacementKind* kind : Placements::all())
    CHECK_THROWS_WITH_AS(static_cast<void>(kind->place(cluster.fabric, 13)),
                         "13 ranks need as many chips, but the cluster has 12", RunError);
}

}  // namespace
}  // namespace orrery::test
