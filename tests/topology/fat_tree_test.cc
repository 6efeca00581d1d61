// Both fat trees: published switch counts, cables, diameters, bisections, and what is refused.
#include <fmt/format.h>

#include <initializer_list>

#include "tests/topology/fixture.h"
#include "topology/bisection.h"
#include "topology/diameter.h"

namespace orrery::test {
namespace {

const std::string kNode =
    "block: {shape: nvswitch_node, chips: 8, nics: 8, nvlink: {bandwidth: 300 GB/s, latency: 350 ns}, pcie: "
    "{bandwidth: "
    "32 GB/s, latency: 600 ns}}";
const std::string kLink = "link: {bandwidth: 25 GB/s, latency: 200 ns}";

std::size_t switches_named(const Fabric& fabric, std::string_view part) {
  std::size_t found = 0;
  for (const Vertex& vertex : fabric.vertices())
    if (vertex.kind == VertexKind::kSwitch && vertex.name.find(part) != std::string::npos) ++found;
  return found;
}

TEST_CASE("rail_fat_tree: the 140-node SuperPOD's switches and cables") {
  const Cluster cluster = cluster_of("{shape: rail_fat_tree, nodes: 140, nodes_per_unit: 20, radix: 40, " + kLink +
                                     ", spine: {switches: 10, scope: rail}, core: {switches: 140}, " + kNode + "}");
  const Fabric& fabric = cluster.fabric;
  CHECK(fabric.chip_count() == 1120);
  CHECK(fabric.node_count() == 140);
  CHECK(switches_named(fabric, "leaf") == 56);   // published
  CHECK(switches_named(fabric, "spine") == 80);  // published
  CHECK(count(fabric, Tier::kRail) == 2 * 1120);
  CHECK(count(fabric, Tier::kSpine) == 2 * 1120);  // published: 1,120 cables, full fat tree
  CHECK(count(fabric, Tier::kCore) == 2 * 1120);
  // chip, NIC, leaf, spine, core, spine, leaf, NIC, chip.
  CHECK(diameter(fabric).hops == 8);
  CHECK(bisection(fabric)->bandwidth == 560 * 25e9);  // non-blocking: half of the chips at their NICs' rate
}

TEST_CASE("rail_fat_tree: two tiers reach any rail through the pod's spines") {
  const Cluster cluster = cluster_of("{shape: rail_fat_tree, nodes: 8, nodes_per_unit: 4, " + kLink +
                                     ", spine: {switches: 4}, " + kNode + "}");
  CHECK(switches_named(cluster.fabric, "leaf") == 2 * 8);
  CHECK(switches_named(cluster.fabric, "spine") == 4);
  CHECK(count(cluster.fabric, Tier::kSpine) == 2 * 16 * 4);
  CHECK(diameter(cluster.fabric).hops == 6);
  CHECK(bisection(cluster.fabric)->bandwidth == 32 * 25e9);
}

TEST_CASE("rail_fat_tree: oversubscription thins the uplinks and the bisection") {
  for (const int oversubscription : {1, 2, 4}) {
    const Cluster cluster =
        cluster_of(fmt::format("{{shape: rail_fat_tree, nodes: 16, nodes_per_unit: 8, {}, spine: {{switches: 2, "
                               "oversubscription: {}}}, {}}}",
                               kLink, oversubscription, kNode));
    const std::size_t uplinks = 8 / static_cast<std::size_t>(oversubscription);
    CHECK(count(cluster.fabric, Tier::kSpine) == 2 * 16 * uplinks);
    // The two units meet only in the spine: 8 leaves of uplinks each.
    CHECK(bisection(cluster.fabric)->bandwidth == static_cast<double>(8 * uplinks) * 25e9);
  }
}

TEST_CASE("rail_fat_tree: faster uplinks count by bandwidth") {
  const Cluster cluster =
      cluster_of("{shape: rail_fat_tree, nodes: 16, nodes_per_unit: 8, " + kLink +
                 ", spine: {switches: 2, link: {bandwidth: 100 GB/s, latency: 200 ns}}, " + kNode + "}");
  CHECK(count(cluster.fabric, Tier::kSpine) == 2 * 16 * 2);  // 8 × 25 GB/s down, 2 × 100 GB/s up
  CHECK(bisection(cluster.fabric)->bandwidth == 64 * 25e9);
}

TEST_CASE("rail_fat_tree: over bare chips there is one rail") {
  const Cluster cluster =
      cluster_of("{shape: rail_fat_tree, nodes: 16, nodes_per_unit: 4, " + kLink + ", spine: {switches: 2}}");
  CHECK(switches_named(cluster.fabric, "leaf") == 4);
  CHECK(cluster.fabric.node_count() == 16);
  CHECK(diameter(cluster.fabric).hops == 4);
}

TEST_CASE("rail_fat_tree: over cliques without NICs each chip is a rail") {
  const Cluster cluster =
      cluster_of("{shape: rail_fat_tree, nodes: 6, nodes_per_unit: 3, " + kLink +
                 ", spine: {switches: 3}, block: {shape: fully_connected, blocks: 4, " + kLink + "}}");
  CHECK(switches_named(cluster.fabric, "leaf") == 2 * 4);
  CHECK(count(cluster.fabric, Tier::kRail) == 2 * 24);
}

TEST_CASE("rail_fat_tree: without a spine, rails meet inside the nodes only") {
  const Cluster cluster =
      cluster_of("{shape: rail_fat_tree, nodes: 4, nodes_per_unit: 4, " + kLink + ", " + kNode + "}");
  CHECK(switches_named(cluster.fabric, "leaf") == 8);
  // Between rails: chip, switch, chip, NIC, leaf, NIC, chip; a chip of one of the two nodes hands the transfer on.
  CHECK(diameter(cluster.fabric).hops == 6);
}

TEST_CASE("fat_tree: all of a node's NICs on one leaf") {
  const Cluster cluster = cluster_of("{shape: fat_tree, nodes: 16, nodes_per_leaf: 4, radix: 64, " + kLink +
                                     ", spine: {switches: 8, oversubscription: 2}, " + kNode + "}");
  CHECK(switches_named(cluster.fabric, "leaf") == 4);
  CHECK(switches_named(cluster.fabric, "spine") == 8);
  CHECK(count(cluster.fabric, Tier::kRail) == 2 * 128);
  CHECK(count(cluster.fabric, Tier::kSpine) == 2 * 64);
  CHECK(diameter(cluster.fabric).hops == 6);
  CHECK(bisection(cluster.fabric)->bandwidth == 32 * 25e9);
}

TEST_CASE("fat_tree: the k-ary three-level tree of Al-Fares et al. has k^3/4 hosts") {
  for (const std::size_t k : std::initializer_list<std::size_t>{4, 6, 8}) {
    const std::size_t half = k / 2;
    const Cluster cluster = cluster_of(fmt::format(
        "{{shape: fat_tree, nodes: {}, nodes_per_leaf: {}, units_per_pod: {}, radix: {}, {}, spine: {{switches: "
        "{}}}, core: {{switches: {}}}}}",
        k * half * half, half, half, k, kLink, half, half * half));
    const Fabric& fabric = cluster.fabric;
    CHECK(fabric.chip_count() == k * k * k / 4);
    CHECK(switches_named(fabric, "leaf") == k * half);
    CHECK(switches_named(fabric, "spine") == k * half);
    CHECK(switches_named(fabric, "core") == half * half);
    CHECK(count(fabric, Tier::kSpine) == 2 * k * k * k / 4);
    CHECK(count(fabric, Tier::kCore) == 2 * k * k * k / 4);
    CHECK(diameter(fabric).hops == 6);
    CHECK(bisection(fabric)->bandwidth == static_cast<double>(k * k * k / 8) * 25e9);
  }
}

TEST_CASE("a tree that is cut keeps its units, and only those that are used are built") {
  const std::string tree = "{shape: rail_fat_tree, nodes: 140, nodes_per_unit: 20, units_per_pod: 7, " + kLink +
                           ", spine: {switches: 10, scope: rail}, core: {switches: 140}, " + kNode + "}";
  const Cluster cluster = cluster_of(tree, 256);
  CHECK(cluster.fabric.chip_count() == 256);
  CHECK(switches_named(cluster.fabric, "leaf") == 2 * 8);  // 32 nodes stand in two units
  CHECK(switches_named(cluster.fabric, "spine") == 80);
}

}  // namespace
}  // namespace orrery::test
