// Every shape against its closed forms: counts, diameter, bisection, ports when it is nested.
#include <cstdint>
#include <initializer_list>

#include "tests/topology/shape_check.h"
#include "topology/shapes/shape.h"

namespace orrery::test {
namespace {

TEST_CASE("a single chip is a fabric") {
  const Cluster cluster = cluster_of("chip");
  check_shape(cluster.fabric, 1, 0, 0, 0, 0);
  CHECK(cluster.fabric.node_count() == 1);
  CHECK(!bisection(cluster.fabric));
}

TEST_CASE("single_switch: n chips, one switch, two hops, half the chips' rate across") {
  for (const std::size_t n : std::initializer_list<std::size_t>{1, 2, 8, 9, 64}) {
    const Cluster cluster = cluster_of("{shape: single_switch, blocks: " + std::to_string(n) + ", " + kLink + "}");
    check_shape(cluster.fabric, n, 1, 2 * n, n == 1 ? 0 : 2, static_cast<double>(n / 2) * kRate);
    CHECK(cluster.fabric.node_count() == 1);
  }
}

TEST_CASE("fully_connected: n(n-1)/2 cables, one hop, (n/2)^2 cables across") {
  for (const std::size_t n : std::initializer_list<std::size_t>{1, 2, 7, 8, 16}) {
    const Cluster cluster = cluster_of("{shape: fully_connected, blocks: " + std::to_string(n) + ", " + kLink + "}");
    check_shape(cluster.fabric, n, 0, n * (n - 1), n == 1 ? 0 : 1, static_cast<double>((n / 2) * (n - n / 2)) * kRate);
  }
}

TEST_CASE("ring: n cables (one between two), n/2 hops, two cables across") {
  for (const std::size_t n : std::initializer_list<std::size_t>{1, 2, 3, 8, 9}) {
    const Cluster cluster = cluster_of("{shape: ring, blocks: " + std::to_string(n) + ", " + kLink + "}");
    const std::size_t cables = n < 3 ? n - 1 : n;
    check_shape(cluster.fabric, n, 0, 2 * cables, static_cast<std::uint32_t>(n / 2),
                n == 1 ? 0 : (n == 2 ? kRate : 2 * kRate));
  }
}

TEST_CASE("mesh: open edges") {
  const Cluster line = cluster_of("{shape: mesh, size: [5], " + kLink + "}");
  check_shape(line.fabric, 5, 0, 8, 4, kRate);
  const Cluster wide = cluster_of("{shape: mesh, size: [4, 8], " + kLink + "}");
  check_shape(wide.fabric, 32, 0, 2 * (3 * 8 + 4 * 7), 3 + 7, 4 * kRate);  // across the long side: four lines
  const Cluster cube = cluster_of("{shape: mesh, size: [2, 3, 4], " + kLink + "}");
  check_shape(cube.fabric, 24, 0, 2 * (1 * 12 + 2 * 8 + 3 * 6), 1 + 2 + 3, 6 * kRate);
}

TEST_CASE("torus: the weakest bisection is across the longest dimension, wherever it stands") {
  for (const char* size : {"[4, 8]", "[8, 4]"}) {
    const Cluster cluster = cluster_of(std::string("{shape: torus, size: ") + size + ", " + kLink + "}");
    check_shape(cluster.fabric, 32, 0, 2 * 2 * 32, 2 + 4, 2 * 4 * kRate);
  }
  const Cluster flat = cluster_of("{shape: torus, size: [1, 2, 4], " + kLink + "}");
  check_shape(flat.fabric, 8, 0, 2 * (4 + 8), 1 + 2, 4 * kRate);
  const Cluster cube = cluster_of("{shape: torus, size: [4, 4, 4], " + kLink + "}");
  check_shape(cube.fabric, 64, 0, 2 * 3 * 64, 6, 2 * 16 * kRate);
}

TEST_CASE("torus: each dimension may have links of its own") {
  const Cluster cluster = cluster_of(
      "{shape: torus, size: [4, 4], link: [{bandwidth: 100 GB/s, latency: 500 ns}, {bandwidth: 25 GB/s, latency: 2 us, "
      "kind: optics, tier: wan}]}");
  CHECK(count(cluster.fabric, Tier::kScaleUp) == 2 * 16);
  CHECK(count(cluster.fabric, Tier::kWan) == 2 * 16);
  // Across the slow dimension: 2 wraps × 4 lines × 25 GB/s.
  CHECK(bisection(cluster.fabric)->bandwidth == 8 * 25e9);
}

TEST_CASE("nvswitch_node: chips, a switch, a host, NICs") {
  const std::string links =
      "nvlink: {bandwidth: 100 GB/s, latency: 350 ns}, pcie: {bandwidth: 32 GB/s, latency: 600 ns}";
  SUBCASE("as many NICs as chips") {
    const Cluster cluster = cluster_of("{shape: nvswitch_node, chips: 8, nics: 8, " + links + "}");
    check_shape(cluster.fabric, 8, 1 + 1 + 8, 2 * (8 + 8 + 8), 2, 4 * kRate + 4 * 32e9);  // the host is a way too
    CHECK(cluster.fabric.node_count() == 1);
  }
  SUBCASE("chips share NICs") {
    const Cluster cluster = cluster_of("{shape: nvswitch_node, chips: 8, nics: 2, " + links + "}");
    CHECK(count(cluster.fabric, VertexKind::kNic) == 2);
    CHECK(count(cluster.fabric, Tier::kHost) == 2 * (8 + 8));
  }
  SUBCASE("chips with several NICs") {
    const Cluster cluster = cluster_of("{shape: nvswitch_node, chips: 2, nics: 8, " + links + "}");
    CHECK(count(cluster.fabric, VertexKind::kNic) == 8);
    CHECK(count(cluster.fabric, Tier::kHost) == 2 * (2 + 8));
  }
  SUBCASE("neither NICs nor host") {
    const Cluster cluster =
        cluster_of("{shape: nvswitch_node, chips: 8, nvlink: {bandwidth: 100 GB/s, latency: 350 ns}}");
    check_shape(cluster.fabric, 8, 1, 2 * 8, 2, 4 * kRate);
  }
}

TEST_CASE("explicit: what is listed, nothing else") {
  const Cluster cluster = cluster_of(
      "{shape: explicit, vertices: [{name: a, kind: chip, node: 3}, {name: b, kind: chip, node: 1}, {name: c, kind: "
      "chip, node: 3}, {name: s, kind: switch}, {name: n, kind: nic}], " +
      kLink +
      ", links: [{from: a, to: s}, {from: b, to: s, bandwidth: 25 GB/s, latency: 1 us, tier: spine}, {from: c, to: n}, "
      "{from: n, to: s, one_way: true}, {from: s, to: c, one_way: true}]}");
  const Fabric& fabric = cluster.fabric;
  CHECK(fabric.chip_count() == 3);
  CHECK(fabric.vertices().size() == 3 * 2 + 2);
  CHECK(fabric.links().size() == 3 * 2 + 3 * 2 + 2);
  CHECK(count(fabric, Tier::kSpine) == 2);
  CHECK(fabric.node_count() == 2);
  CHECK(fabric.node_of(ChipId(0)) == fabric.node_of(ChipId(2)));
  CHECK(fabric.node_of(ChipId(0)) != fabric.node_of(ChipId(1)));
  CHECK(fabric.vertices()[fabric.engine(ChipId(1))].name == "b");
}

TEST_CASE("nesting: port i of a block is joined to port i of its neighbour") {
  SUBCASE("a ring of NVSwitch nodes has a ring for every NIC") {
    const Cluster cluster = cluster_of(
        "{shape: ring, blocks: 4, " + kLink +
        ", block: {shape: nvswitch_node, chips: 8, nics: 4, nvlink: {bandwidth: 300 GB/s, latency: 350 ns}, pcie: "
        "{bandwidth: 500 GB/s, latency: 600 ns}}}");
    CHECK(cluster.fabric.chip_count() == 32);
    CHECK(cluster.fabric.node_count() == 4);
    CHECK(count(cluster.fabric, Tier::kRail) == 4 * 4 * 2);
    CHECK(bisection(cluster.fabric)->bandwidth == 2 * 4 * kRate);
    CHECK(cluster.fabric.vertices()[cluster.fabric.engine(ChipId(13))].name == "node1/chip5");
  }
  SUBCASE("a torus of cliques has a torus for every chip") {
    const Cluster cluster = cluster_of("{shape: torus, size: [4, 4], " + kLink +
                                       ", block: {shape: fully_connected, blocks: 4, " + kLink + "}}");
    check_shape(cluster.fabric, 64, 0, 16 * 4 * 3 + 4 * 16 * 2 * 2, 1 + 4, 4 * 2 * 4 * kRate);
    CHECK(cluster.fabric.node_count() == 16);
    CHECK(count(cluster.fabric, Tier::kScaleUp) == 16 * 4 * 3);
    CHECK(count(cluster.fabric, Tier::kRail) == 4 * 16 * 2 * 2);
  }
  SUBCASE("a switch offers itself when asked to") {
    const Cluster cluster = cluster_of("{shape: ring, blocks: 4, " + kLink +
                                       ", block: {shape: single_switch, blocks: 4, ports: switch, " + kLink + "}}");
    check_shape(cluster.fabric, 16, 4, 2 * 16 + 2 * 4, 1 + 2 + 1, 2 * kRate);
  }
  SUBCASE("shapes nest to any depth") {
    const Cluster cluster = cluster_of("{shape: ring, blocks: 3, " + kLink + ", block: {shape: mesh, size: [2, 2], " +
                                       kLink + ", block: {shape: single_switch, blocks: 2, " + kLink +
                                       ", block: {shape: ring, blocks: 2, " + kLink + "}}}}");
    CHECK(cluster.fabric.chip_count() == 3 * 4 * 2 * 2);
    CHECK(cluster.fabric.node_count() == 3 * 4 * 2);
  }
  SUBCASE("an explicit fabric of blocks") {
    const Cluster cluster =
        cluster_of("{shape: explicit, vertices: [{name: x, block: {shape: ring, blocks: 3, " + kLink +
                   "}}, {name: y, block: chip}], " + kLink + ", links: [{from: x.2, to: y}]}");
    check_shape(cluster.fabric, 4, 0, 2 * 3 + 2, 2, 0);
    CHECK(cluster.fabric.vertices()[cluster.fabric.engine(ChipId(2))].name == "x/chip2");
  }
}

TEST_CASE("chips_per_node groups bare chips") {
  const Cluster cluster = cluster_of("{shape: torus, size: [4, 4], chips_per_node: 4, " + kLink + "}");
  CHECK(cluster.fabric.node_count() == 4);
  for (std::size_t chip = 0; chip < 16; ++chip) CHECK(cluster.fabric.node_of(ChipId(chip)) == chip / 4);
}

TEST_CASE("a cluster is cut to the blocks that hold the chips wanted, rounded up") {
  const std::string nodes = "{shape: single_switch, blocks: 100, " + kLink +
                            ", block: {shape: nvswitch_node, chips: 8, nvlink: {bandwidth: 300 GB/s, latency: 1 us}}}";
  CHECK(cluster_of(nodes).fabric.chip_count() == 800);
  CHECK(cluster_of(nodes, 16).fabric.chip_count() == 16);
  CHECK(cluster_of(nodes, 17).fabric.chip_count() == 24);
  CHECK(cluster_of(nodes, 800).fabric.chip_count() == 800);
  CHECK_THROWS_AS(cluster_of(nodes, 801), InputError);
  const std::string torus = "{shape: torus, size: [4, 4], " + kLink + "}";
  CHECK(cluster_of(torus, 5).fabric.chip_count() == 16);  // has no number of blocks to cut
  CHECK_THROWS_AS(cluster_of(torus, 17), InputError);
}

TEST_CASE("every shape is registered with one sentence") {
  for (const char* name : {"cube_torus", "dragonfly", "dragonfly_plus", "explicit", "fat_tree", "fully_connected",
                           "hyperx", "imported", "mesh", "nvlink_domain", "nvswitch_node", "rail_fat_tree", "rail_only",
                           "ring", "server", "single_switch", "slim_fly", "torus"})
    CHECK(Shapes::find(name) != nullptr);
  for (const ShapeKind* kind : Shapes::all()) CHECK(!kind->sentence.empty());
}

}  // namespace
}  // namespace orrery::test
