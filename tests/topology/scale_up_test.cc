// NVLink domains, servers, and every shape nested in every other.
#include <fmt/format.h>

#include <initializer_list>

#include "tests/topology/shape_check.h"
#include "topology/routes.h"
#include "topology/shapes/shape.h"

namespace orrery::test {
namespace {

std::string domain(int racks, int trays, int planes, const std::string& second = "") {
  return fmt::format(
      "{{shape: nvlink_domain, racks: {}, trays: {}, chips_per_tray: 4, switch_planes: {}, nvlink: {{bandwidth: 900 "
      "GB/s, latency: 400 ns}}{}}}",
      racks, trays, planes, second);
}

TEST_CASE("nvlink_domain: one rack is one switch to its chips, whole or plane by plane") {
  const Cluster whole = cluster_of(domain(1, 18, 1));
  check_shape(whole.fabric, 72, 1, 2 * 72, 2, 36 * 900e9);
  CHECK(whole.fabric.node_count() == 1);
  CHECK(whole.fabric.vertices()[whole.fabric.engine(ChipId(71))].name == "tray17/chip3");
  const Cluster planes = cluster_of(domain(1, 18, 18));
  check_shape(planes.fabric, 72, 18, 2 * 72 * 18, 2, 36 * 900e9);
  for (const Link& link : planes.fabric.links())
    if (link.tier == Tier::kScaleUp) REQUIRE(link.bandwidth == Bandwidth::bytes_per_second(50'000'000'000));
}

TEST_CASE("nvlink_domain: from 8 to 576 chips in one and two levels") {
  check_shape(cluster_of(domain(1, 2, 1)).fabric, 8, 1, 2 * 8, 2, 4 * 900e9);
  const Cluster full = cluster_of(domain(8, 18, 1, ", second: {}"));
  check_shape(full.fabric, 576, 9, 2 * 576 + 2 * 8, 4, 288 * 900e9);
  CHECK(full.fabric.node_count() == 1);
  const Cluster thin = cluster_of(domain(8, 18, 1, ", second: {oversubscription: 4, latency: 600 ns}"));
  check_shape(thin.fabric, 576, 9, 2 * 576 + 2 * 8, 4, 4 * 18 * 900e9);
  Routes routes(thin.fabric);
  CHECK(routes.latency(routes.route(ChipId(0), ChipId(575))) == Duration::nanoseconds(400 + 600 + 600 + 400));
  const Cluster planes = cluster_of(domain(8, 18, 18, ", second: {}"));
  check_shape(planes.fabric, 576, 9 * 18, 18 * (2 * 576 + 2 * 8), 4, 288 * 900e9);
}

const std::string kPcie = "pcie: {bandwidth: 32 GB/s, latency: 600 ns}";

TEST_CASE("server: NICs and hosts around chips joined in any way") {
  const std::string clique = "block: {shape: fully_connected, blocks: 8, " + kLink + "}";
  SUBCASE("eight chips, seven links each, eight NICs") {
    const Cluster cluster = cluster_of("{shape: server, nics: 8, " + kPcie + ", " + clique + "}");
    check_shape(cluster.fabric, 8, 1 + 8, 8 * 7 + 2 * 8 + 2 * 8, 1, 16 * kRate + 4 * 32e9);  // the host is a way too
    CHECK(cluster.fabric.node_count() == 1);
  }
  SUBCASE("two hosts, chips in pairs on a NIC") {
    const Cluster cluster = cluster_of("{shape: server, nics: 4, hosts: 2, " + kPcie +
                                       ", host_link: {bandwidth: 450 GB/s, latency: 300 ns}, " + clique + "}");
    CHECK(count(cluster.fabric, VertexKind::kHost) == 2);
    CHECK(count(cluster.fabric, VertexKind::kNic) == 4);
    CHECK(count(cluster.fabric, Tier::kHost) == 2 * (8 + 8));
    for (const Link& link : cluster.fabric.links())
      if (link.tier == Tier::kHost && cluster.fabric.vertices()[link.to].kind == VertexKind::kHost)
        CHECK(link.bandwidth == Bandwidth::bytes_per_second(450'000'000'000));
  }
  SUBCASE("no NICs: the block's ports are handed on") {
    const Cluster cluster =
        cluster_of("{shape: ring, blocks: 3, " + kLink + ", block: {shape: server, " + kPcie + ", " + clique + "}}");
    CHECK(count(cluster.fabric, Tier::kRail) == 2 * 3 * 8);
  }
  SUBCASE("NICs, but the chips are what is connected") {
    const Cluster cluster = cluster_of("{shape: ring, blocks: 3, " + kLink +
                                       ", block: {shape: server, nics: 8, ports: "
                                       "block, " +
                                       kPcie + ", " + clique + "}}");
    for (const Link& link : cluster.fabric.links())
      if (link.tier == Tier::kRail) CHECK(cluster.fabric.vertices()[link.from].kind == VertexKind::kEngine);
  }
  SUBCASE("one chip") {
    CHECK(cluster_of("{shape: server, nics: 2, block: chip, " + kPcie + "}").fabric.chip_count() == 1);
  }
}

// Every shape that holds blocks, with how many of them; `%` is the block.
struct Outer {
  const char* name;
  std::string keys;
  std::size_t blocks;
};
std::vector<Outer> outers() {
  return {{"single_switch", "blocks: 3", 3},
          {"fully_connected", "blocks: 3", 3},
          {"ring", "blocks: 3", 3},
          {"mesh", "size: [2, 3]", 6},
          {"torus", "size: [4, 2], twist: true", 8},
          {"cube_torus", "size: [2, 4], cube: 2", 8},
          {"fat_tree", "nodes: 4, nodes_per_leaf: 2, planes: 2, spine: {switches: 1}", 4},
          {"rail_fat_tree", "nodes: 4, nodes_per_unit: 2, spine: {switches: 1}", 4},
          {"rail_only", "nodes: 3", 3},
          {"dragonfly", "groups: 3, routers: 2, global_links: 1, blocks_per_router: 1", 6},
          {"dragonfly_plus", "groups: 3, leaves: 1, spines: 2, global_links: 1, blocks_per_leaf: 2", 6},
          {"hyperx", "size: [2, 2], blocks_per_switch: 1", 4},
          {"slim_fly", "q: 4, blocks_per_router: 1", 32}};
}

TEST_CASE("every shape nests in every shape") {
  std::vector<std::pair<std::string, std::size_t>> inner = {
      {"chip", 1},
      {domain(2, 1, 2, ", second: {}"), 8},
      {"{shape: nvswitch_node, chips: 2, nics: 2, nvlink: {bandwidth: 1 GB/s, latency: 1 us}, " + kPcie + "}", 2},
      {"{shape: server, nics: 1, " + kPcie + "}", 1},
      {"{shape: explicit, vertices: [{name: a, kind: chip}, {name: b, kind: chip}], " + kLink +
           ", links: [{from: a, to: b}]}",
       2},
      {std::string("{shape: imported, file: ") + ORRERY_SOURCE_DIR + "/scenarios/imports/two_gpus.nccl.xml}", 2}};
  inner[3].first = "{shape: server, nics: 1, block: chip, " + kPcie + "}";
  for (const Outer& outer : outers())
    if (outer.blocks < 32)
      inner.emplace_back(fmt::format("{{shape: {}, {}, {}}}", outer.name, outer.keys, kLink), outer.blocks);
  for (const Outer& outer : outers())
    for (const auto& [block, chips] : inner) {
      const std::string fabric = fmt::format("{{shape: {}, {}, {}, block: {}}}", outer.name, outer.keys, kLink, block);
      CAPTURE(fabric);
      // Reading checks the counts against what was built, and that every chip can reach every other.
      CHECK(cluster_of(fabric).fabric.chip_count() == outer.blocks * chips);
      // A server takes any block, and an explicit fabric any vertex.
      CHECK(cluster_of(fmt::format("{{shape: server, {}, block: {}}}", kPcie, fabric)).fabric.chip_count() ==
            outer.blocks * chips);
      CHECK(cluster_of(fmt::format("{{shape: explicit, vertices: [{{name: x, block: {}}}]}}", fabric))
                .fabric.chip_count() == outer.blocks * chips);
    }
  CHECK(outers().size() + 5 == Shapes::all().size());  // a shape that is missing above
}

}  // namespace
}  // namespace orrery::test
