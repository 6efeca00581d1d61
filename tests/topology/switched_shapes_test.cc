// Dragonfly, Dragonfly+, HyperX, Slim Fly, rail-only and trees in planes against what their papers count.
#include <fmt/format.h>

#include <initializer_list>
#include <vector>

#include "tests/topology/shape_check.h"

namespace orrery::test {
namespace {

TEST_CASE("dragonfly: N = a p (a h + 1) chips, three hops between routers") {
  // Kim et al. 2008, figure 5: p = h = 2, a = 4, 9 groups, 72 terminals.
  const Cluster cluster =
      cluster_of("{shape: dragonfly, groups: 9, routers: 4, blocks_per_router: 2, global_links: 2, " + kLink + "}");
  const Fabric& fabric = cluster.fabric;
  CHECK(fabric.chip_count() == 72);
  CHECK(count(fabric, VertexKind::kSwitch) == 36);
  CHECK(count(fabric, Tier::kRail) == 2 * 72);
  CHECK(count(fabric, Tier::kSpine) == 9 * 4 * 3);
  CHECK(count(fabric, Tier::kCore) == 9 * 8);
  CHECK(diameter(fabric).hops == 1 + 3 + 1);
  CHECK(fabric.node_count() == 72);
  // Every router has its 3 local and 2 global links, and every two groups share one cable.
  std::vector<int> out(fabric.vertices().size(), 0);
  for (const Link& link : fabric.links())
    if (link.tier == Tier::kSpine || link.tier == Tier::kCore) ++out[link.from.index()];
  for (std::size_t v = 0; v < out.size(); ++v)
    CHECK(out[v] == (fabric.vertices()[VertexId(v)].kind == VertexKind::kSwitch ? 5 : 0));
}

TEST_CASE("dragonfly: (g/2)^2 cables across, times as many as two groups share") {
  const Cluster single =
      cluster_of("{shape: dragonfly, groups: 4, routers: 3, blocks_per_router: 1, global_links: 1, " + kLink + "}");
  check_shape(single.fabric, 12, 12, 2 * 12 + 4 * 6 + 4 * 3, 5, 4 * kRate);
  const Cluster twice =
      cluster_of("{shape: dragonfly, groups: 4, routers: 3, blocks_per_router: 3, global_links: 2, " + kLink + "}");
  check_shape(twice.fabric, 36, 12, 2 * 36 + 4 * 6 + 2 * 4 * 3, 5, 2 * 4 * kRate);
}

TEST_CASE("dragonfly: each kind of link may be its own") {
  const Cluster cluster = cluster_of(
      "{shape: dragonfly, groups: 2, routers: 2, blocks_per_router: 1, global_links: 1, " + kLink +
      ", local: {bandwidth: 50 GB/s, latency: 1 us}, global: {bandwidth: 25 GB/s, latency: 2 us, kind: optics}}");
  for (const Link& link : cluster.fabric.links()) {
    if (link.tier == Tier::kSpine) CHECK(link.bandwidth == Bandwidth::bytes_per_second(50'000'000'000));
    if (link.tier == Tier::kCore) CHECK(link.kind == LinkKind::kOptics);
  }
  CHECK(bisection(cluster.fabric)->bandwidth == 2 * 25e9);
}

TEST_CASE("dragonfly_plus: leaves three hops apart, as many groups as spines have global links, and one") {
  const Cluster cluster = cluster_of(
      "{shape: dragonfly_plus, groups: 5, leaves: 2, spines: 2, blocks_per_leaf: 2, global_links: 2, " + kLink + "}");
  CHECK(count(cluster.fabric, VertexKind::kSwitch) == 20);
  CHECK(count(cluster.fabric, Tier::kSpine) == 2 * 5 * 4);
  CHECK(count(cluster.fabric, Tier::kCore) == 5 * 4);
  CHECK(diameter(cluster.fabric).hops == 1 + 3 + 1);
  const Cluster even = cluster_of(
      "{shape: dragonfly_plus, groups: 4, leaves: 2, spines: 3, blocks_per_leaf: 2, global_links: 1, " + kLink + "}");
  check_shape(even.fabric, 16, 4 * 5, 2 * 16 + 2 * 4 * 6 + 4 * 3, 5, 4 * kRate);
}

TEST_CASE("hyperx: a hop for each dimension, S/2 · S/2 cables a row across the longest") {
  const Cluster square = cluster_of("{shape: hyperx, size: [4, 4], blocks_per_switch: 4, " + kLink + "}");
  check_shape(square.fabric, 64, 16, 2 * 64 + 16 * 6, 2 + 2, 4 * 4 * kRate);
  const Cluster cube = cluster_of("{shape: hyperx, size: [2, 2, 2], blocks_per_switch: 1, " + kLink + "}");
  check_shape(cube.fabric, 8, 8, 2 * 8 + 8 * 3, 2 + 3, 4 * kRate);  // a hypercube
  const Cluster row = cluster_of("{shape: hyperx, size: [6], blocks_per_switch: 8, " + kLink + "}");
  check_shape(row.fabric, 48, 6, 2 * 48 + 6 * 5, 3, 9 * kRate);
  const Cluster uneven =
      cluster_of("{shape: hyperx, size: [4, 2], blocks_per_switch: 4, " + kLink +
                 ", switch_link: [{bandwidth: 10 GB/s, latency: 1 us}, {bandwidth: 30 GB/s, latency: 1 us}]}");
  CHECK(bisection(uneven.fabric)->bandwidth == 80e9);  // 4 pairs · 2 rows · 10 GB/s, below 4 · 30 GB/s
}

TEST_CASE("slim_fly: 2q² routers of (3q − δ)/2 links, two hops apart at most, for primes and their powers") {
  for (const std::size_t q : std::initializer_list<std::size_t>{4, 5, 7, 8, 9, 11, 13, 16}) {
    CAPTURE(q);
    const Cluster cluster = cluster_of(fmt::format("{{shape: slim_fly, q: {}, blocks_per_router: 1, {}}}", q, kLink));
    const Fabric& fabric = cluster.fabric;
    const std::size_t degree = (q % 4 == 1 ? 3 * q - 1 : q % 4 == 3 ? 3 * q + 1 : 3 * q) / 2;
    CHECK(fabric.chip_count() == 2 * q * q);
    CHECK(count(fabric, Tier::kSpine) == 2 * q * q * degree);
    std::vector<std::size_t> out(fabric.vertices().size(), 0);
    for (const Link& link : fabric.links())
      if (link.tier == Tier::kSpine) ++out[link.from.index()];
    for (std::size_t v = 0; v < out.size(); ++v)
      if (fabric.vertices()[VertexId(v)].kind == VertexKind::kSwitch) REQUIRE(out[v] == degree);
    const Diameter longest = diameter(fabric);
    CHECK(longest.destinations == fabric.chip_count());
    CHECK(longest.hops == 2 + 2);
  }
}

TEST_CASE("slim_fly: q = 5 meets the Moore bound; q = 19 is the paper's network of 10,830 chips") {
  const Cluster small = cluster_of("{shape: slim_fly, q: 5, " + kLink + "}");
  // 1 + 7 + 7·6 = 50 routers: every pair has exactly one shortest way.
  CHECK(count(small.fabric, VertexKind::kSwitch) == 50);
  CHECK(small.fabric.chip_count() == 50 * 4);
  const Cluster paper = cluster_of("{shape: slim_fly, q: 19, " + kLink + "}");
  CHECK(paper.fabric.chip_count() == 10'830);
  CHECK(count(paper.fabric, VertexKind::kSwitch) == 722);
  CHECK(count(paper.fabric, Tier::kSpine) == 722 * 29);
}

TEST_CASE("rail_only: a switch a rail, and rails meet inside the nodes") {
  const std::string node =
      "block: {shape: nvswitch_node, chips: 8, nics: 8, nvlink: {bandwidth: 300 GB/s, latency: 350 ns}, pcie: "
      "{bandwidth: 32 GB/s, latency: 600 ns}}";
  const Cluster cluster = cluster_of(
      "{shape: rail_only, nodes: 4, radix: 4, link: {bandwidth: 25 GB/s, latency: "
      "200 ns}, " +
      node + "}");
  const Fabric& fabric = cluster.fabric;
  CHECK(fabric.chip_count() == 32);
  CHECK(count(fabric, VertexKind::kSwitch) == 4 + 8);
  CHECK(count(fabric, Tier::kRail) == 2 * 32);
  CHECK(diameter(fabric).hops == 6);  // chip, NVSwitch, chip, NIC, rail, NIC, chip
  CHECK(bisection(fabric)->bandwidth == 16 * 25e9);
}

TEST_CASE("rails: ports that share a number modulo `rails` share leaves") {
  // Two domains of eight chips with a NIC each, on four rails: NICs 0 and 4 on rail 0.
  const Cluster cluster = cluster_of(
      "{shape: rail_only, nodes: 2, rails: 4, link: {bandwidth: 25 GB/s, latency: 200 ns}, block: {shape: server, "
      "nics: 8, pcie: {bandwidth: 32 GB/s, latency: 600 ns}, block: {shape: ring, blocks: 8, " +
      kLink + "}}}");
  CHECK(count(cluster.fabric, VertexKind::kSwitch) == 4);
  std::vector<int> down(cluster.fabric.vertices().size(), 0);
  for (const Link& link : cluster.fabric.links())
    if (link.tier == Tier::kRail && !link.is_return) ++down[link.to.index()];
  CHECK(std::count(down.begin(), down.end(), 4) == 4);
}

TEST_CASE("planes: trees side by side, each with a cable to every port") {
  for (const std::size_t planes : std::initializer_list<std::size_t>{1, 2, 4}) {
    const Cluster cluster =
        cluster_of(fmt::format("{{shape: fat_tree, nodes: 16, nodes_per_leaf: 4, planes: {}, {}, spine: {{switches: 2, "
                               "oversubscription: 2}}}}",
                               planes, kLink));
    // A plane has 4 leaves, 2 spines, 16 cables to the chips and 8 between the switches.
    check_shape(cluster.fabric, 16, planes * 6, planes * 2 * (16 + 8), 4, static_cast<double>(planes) * 4 * kRate);
  }
}

TEST_CASE("oversubscription of each tier by itself") {
  // Two pods of two leaves of four chips; the spines thin by 2, the cores by 2 more.
  const Cluster cluster = cluster_of("{shape: fat_tree, nodes: 16, nodes_per_leaf: 4, units_per_pod: 2, " + kLink +
                                     ", spine: {switches: 2, oversubscription: 2}, core: {switches: 2, "
                                     "oversubscription: 2}}");
  CHECK(count(cluster.fabric, Tier::kRail) == 2 * 16);
  CHECK(count(cluster.fabric, Tier::kSpine) == 2 * 4 * 2);
  CHECK(count(cluster.fabric, Tier::kCore) == 2 * 4 * 1);
  CHECK(bisection(cluster.fabric)->bandwidth == 2 * kRate);
  CHECK(diameter(cluster.fabric).hops == 6);
}

}  // namespace
}  // namespace orrery::test
