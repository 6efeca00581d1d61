// Trees of switches: what they join, where their roots stand, what they refuse.
#include "topology/switch_tree.h"

#include <set>

#include "tests/topology/routing_fixture.h"

namespace orrery::test {
namespace {

std::vector<ChipId> chips_of(std::initializer_list<std::size_t> numbers) {
  std::vector<ChipId> chips;
  for (const std::size_t number : numbers) chips.emplace_back(number);
  return chips;
}

const std::string kLeaves = "{shape: fat_tree, nodes: 16, nodes_per_leaf: 4, " + kCable + ", spine: {switches: 4}}";

}  // namespace

TEST_CASE("a tree's root is the leaf where one is enough, else a spine switch that the first chip's number chooses") {
  const Cluster cluster = cluster_of(kLeaves);
  const Fabric& fabric = cluster.fabric;
  const SwitchTree leaf = switch_tree(fabric, chips_of({4, 6, 7}));
  REQUIRE(leaf.vertices.size() == 1);
  CHECK(leaf.under == std::vector<std::int32_t>{0, 0, 0});
  std::set<std::string> roots;
  for (const std::size_t first : {0U, 1U, 2U, 3U}) {
    const SwitchTree tree = switch_tree(fabric, chips_of({first, first + 4, first + 8}));
    // Leaves of one chip only pass on.
    REQUIRE(tree.vertices.size() == 1);
    roots.insert(fabric.vertices()[tree.vertices[0]].name);
    for (const SwitchWay& way : tree.chip_ways) CHECK(way.up.size() == way.down.size());
  }
  CHECK(roots.size() == 4);
}

TEST_CASE("ways lead from each chip or switch to what it hangs on, and back the same way") {
  const Cluster cluster = cluster_of("{shape: fat_tree, nodes: 24, nodes_per_leaf: 2, units_per_pod: 3, " + kCable +
                                     ", spine: {switches: 2}, core: {switches: 6}}");
  const Fabric& fabric = cluster.fabric;
  const std::vector<ChipId> chips = chips_of({0, 1, 2, 3, 7, 8, 23});
  const SwitchTree tree = switch_tree(fabric, chips);
  REQUIRE(tree.vertices.size() > 3);
  CHECK(tree.above[0] == SwitchTree::kRootSwitch);
  const auto follow = [&](const SwitchWay& way, VertexId from, VertexId to) {
    REQUIRE(!way.up.empty());
    VertexId at = from;
    for (const LinkId link : way.up) {
      CHECK(fabric.links()[link].from == at);
      at = fabric.links()[link].to;
    }
    CHECK(at == to);
    for (const LinkId link : way.down) {
      CHECK(fabric.links()[link].from == at);
      at = fabric.links()[link].to;
    }
    CHECK(at == from);
  };
  for (std::size_t c = 0; c < chips.size(); ++c)
    follow(tree.chip_ways[c], fabric.engine(chips[c]), tree.vertices[static_cast<std::size_t>(tree.under[c])]);
  for (std::size_t s = 1; s < tree.above.size(); ++s)
    follow(tree.ways[s], tree.vertices[s], tree.vertices[static_cast<std::size_t>(tree.above[s])]);
}

TEST_CASE("chips joined to each other have no tree of switches, nor has one chip alone") {
  const Cluster ring = cluster_of("{shape: ring, blocks: 8, " + kCable + "}");
  CHECK(switch_tree(ring.fabric, chips_of({0, 1, 2})).vertices.empty());
  const Cluster leaves = cluster_of(kLeaves);
  CHECK(switch_tree(leaves.fabric, chips_of({5})).vertices.empty());
}

}  // namespace orrery::test
