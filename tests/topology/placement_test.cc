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

Placement placed(const Fabric& fabric, std::string_view name, std::size_t ranks, const PlacementTerms& terms = {}) {
  return Placements::find(name)->place(fabric, all_chips(fabric), ranks, terms);
}

// What an InputError of reading it for a cluster of 12 chips says, or nothing.
std::string placement_error(const std::string& text, std::size_t ranks = 4) {
  try {
    const yaml::Node node = yaml::parse(text, "p.yaml");
    const PlacementChoice choice = read_placement(node);
    static_cast<void>(chips_for(choice, node, ranks, 12, 10));
    check_units(choice, node, cluster_of(kNodes).fabric);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

// Four leaves of four nodes of one chip.
const std::string kLeaves =
    "{shape: fat_tree, nodes: 16, nodes_per_leaf: 4, link: {bandwidth: 25 GB/s, latency: 200 ns}, "
    "spine: {switches: 4}}";

TEST_CASE("packed fills node after node") {
  const Cluster cluster = cluster_of(kNodes);
  const Placement placement = placed(cluster.fabric, "packed", 7);
  REQUIRE(placement.size() == 7);
  for (std::size_t rank = 0; rank < 7; ++rank) CHECK(placement[RankId(rank)] == ChipId(rank));
}

TEST_CASE("spread deals to the nodes in turn") {
  const Cluster cluster = cluster_of(kNodes);
  const Placement placement = placed(cluster.fabric, "spread", 12);
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
  const Placement placement = placed(cluster.fabric, "spread", 4);
  for (std::size_t rank = 0; rank < 4; ++rank) CHECK(placement[RankId(rank)] == ChipId(rank));
}

TEST_CASE("units of each tier: chips, nodes, what hangs on one leaf, all") {
  const Cluster nodes = cluster_of(kNodes);
  const Cluster leaves = cluster_of(kLeaves);
  const auto count = [](const Fabric& fabric, Tier tier) {
    const std::vector<std::uint32_t> units = units_of(fabric, tier);
    return std::set<std::uint32_t>(units.begin(), units.end()).size();
  };
  CHECK(count(nodes.fabric, Tier::kHbm) == 12);
  CHECK(count(nodes.fabric, Tier::kScaleUp) == 3);
  CHECK(count(nodes.fabric, Tier::kRail) == 1);
  CHECK(count(leaves.fabric, Tier::kScaleUp) == 16);
  CHECK(count(leaves.fabric, Tier::kRail) == 4);
  CHECK(count(leaves.fabric, Tier::kSpine) == 1);
}

TEST_CASE("spread deals to the leaves in turn where it is told so") {
  const Cluster cluster = cluster_of(kLeaves);
  const Placement placement = placed(cluster.fabric, "spread", 8, {.tier = Tier::kRail});
  for (std::size_t rank = 0; rank < 8; ++rank) CHECK(placement[RankId(rank)] == ChipId(rank % 4 * 4 + rank / 4));
}

TEST_CASE("random fills whole units, each order by its seed, every chip once") {
  const Cluster cluster = cluster_of(kNodes);
  std::set<std::vector<std::size_t>> orders;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Placement placement = placed(cluster.fabric, "random", 12, {.seed = seed});
    std::vector<std::size_t> order;
    std::set<ChipId> used;
    for (std::size_t rank = 0; rank < 12; ++rank) {
      const ChipId chip = placement[RankId(rank)];
      used.insert(chip);
      if (rank % 4 == 0) order.push_back(cluster.fabric.node_of(chip));
      CHECK(chip.index() % 4 == rank % 4);
      CHECK(cluster.fabric.node_of(chip) == order.back());
    }
    CHECK(used.size() == 12);
    orders.insert(order);
  }
  CHECK(orders.size() == 6);
  CHECK(placed(cluster.fabric, "random", 5, {.seed = 3})[RankId(std::size_t{4})] ==
        placed(cluster.fabric, "random", 5, {.seed = 3})[RankId(std::size_t{4})]);
}

TEST_CASE("a placement takes free chips only") {
  const Cluster cluster = cluster_of(kNodes);
  const std::vector<ChipId> free = {ChipId(std::size_t{1}), ChipId(std::size_t{6}), ChipId(std::size_t{7}),
                                    ChipId(std::size_t{11})};
  for (const PlacementKind* kind : Placements::all()) {
    const Placement placement = kind->place(cluster.fabric, free, 4, {});
    CHECK(std::set<ChipId>(placement.begin(), placement.end()) == std::set<ChipId>(free.begin(), free.end()));
    CHECK_THROWS_AS(static_cast<void>(kind->place(cluster.fabric, free, 5, {})), RunError);
  }
}

TEST_CASE("how many chips a placement is to choose from") {
  const auto built = [](const std::string& text) {
    const yaml::Node node = yaml::parse(text, "p.yaml");
    return chips_for(read_placement(node), node, 4, 12, 10);
  };
  CHECK(built("packed") == 4);
  CHECK(built("spread") == 4);
  CHECK(built("random") == 10);
  CHECK(built("{name: spread, among: 8}") == 8);
}

TEST_CASE("what is wrong with a placement is said where it stands") {
  CHECK(placement_error("{name: random, seed: 7, tier: chip, among: 8}") == "");
  CHECK(placement_error("{name: randon}").find("did you mean 'random'?") != std::string::npos);
  CHECK(placement_error("{name: packed, seed: 7}").find("seed") != std::string::npos);
  CHECK(placement_error("{name: spread, among: 13}").find("the cluster has 12 chips") != std::string::npos);
  CHECK(placement_error("{name: spread, among: 11}").find("at most 10 chips can be simulated") != std::string::npos);
  CHECK(placement_error("{name: spread, among: 3}").find("4 ranks need as many chips") != std::string::npos);
  CHECK(placement_error("{name: spread, tier: rail}").find("they are one unit") != std::string::npos);
  CHECK(placement_error("{name: spread, tier: leaf}").find("tier of units") != std::string::npos);
}

TEST_CASE("more ranks than chips can't be placed") {
  const Cluster cluster = cluster_of(kNodes);
  for (const PlacementKind* kind : Placements::all())
    CHECK_THROWS_WITH_AS(static_cast<void>(placed(cluster.fabric, kind->name, 13)),
                         "13 ranks need as many chips, but the cluster has 12", RunError);
}

}  // namespace
}  // namespace orrery::test
