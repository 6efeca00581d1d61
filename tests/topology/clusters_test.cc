// Every cluster file loads, and the published machines are what was published.
#include <fmt/format.h>

#include "tests/topology/fixture.h"
#include "topology/bisection.h"
#include "topology/diameter.h"

namespace orrery::test {
namespace {

Cluster cluster(const std::string& name, std::size_t chips_wanted = 0) {
  return load_cluster(library(), yaml::parse(name, "t.yaml"), chips_wanted);
}

TEST_CASE("every cluster file loads, whole and cut to one chip") {
  const std::vector<std::string> names = library().names("topology/clusters");
  CHECK(names.size() >= 5);
  for (const std::string& name : names) {
    CAPTURE(name);
    const Cluster whole = cluster(name);
    CHECK(whole.fabric.chip_count() > 0);
    CHECK(whole.pue >= 1);
    CHECK(!whole.source.empty());
    for (const Link& link : whole.fabric.links()) {
      REQUIRE(link.bandwidth > Bandwidth());
      REQUIRE(link.efficiency > 0);
      REQUIRE(link.efficiency <= 1);
    }
    const std::size_t chips = cluster(name, 1).fabric.chip_count();
    CHECK(chips >= 1);
    CHECK(chips <= whole.fabric.chip_count());
  }
}

TEST_CASE("Selene: 560 nodes of eight A100, eight HDR rails") {
  const Cluster selene = cluster("dgx_a100_superpod");
  const Fabric& fabric = selene.fabric;
  CHECK(fabric.chip_count() == 4480);
  CHECK(fabric.node_count() == 560);
  CHECK(fabric.chip_spec().cores == 108);
  CHECK(count(fabric, VertexKind::kNic) == 4480);
  std::size_t leaves = 0;
  for (const Vertex& vertex : fabric.vertices()) leaves += vertex.name.find("leaf") != std::string::npos ? 1U : 0U;
  CHECK(leaves == 560 / 20 * 8);
  for (const Link& link : fabric.links())
    if (link.tier == Tier::kRail) REQUIRE(link.bandwidth == Bandwidth::bytes_per_second(25'000'000'000));
  CHECK(diameter(fabric).hops == 8);
  CHECK(bisection(fabric)->bandwidth == 2240 * 25e9);
}

TEST_CASE("a cut of Selene for 1,024 chips is non-blocking") {
  const Cluster part = cluster("dgx_a100_superpod", 1024);
  CHECK(part.fabric.chip_count() == 1024);
  CHECK(part.fabric.node_count() == 128);
  CHECK(bisection(part.fabric)->bandwidth == 512 * 25e9);
}

TEST_CASE("DGX H100 SuperPOD: four units of 32 nodes, 32 leaves, 16 spines") {
  const Cluster pod = cluster("dgx_h100_superpod");
  std::size_t leaves = 0;
  std::size_t spines = 0;
  for (const Vertex& vertex : pod.fabric.vertices()) {
    leaves += vertex.name.find("leaf") != std::string::npos ? 1U : 0U;
    spines += vertex.name.find("spine") != std::string::npos ? 1U : 0U;
  }
  CHECK(pod.fabric.chip_count() == 1024);
  CHECK(leaves == 32);
  CHECK(spines == 16);
  CHECK(diameter(pod.fabric).hops == 6);
  CHECK(bisection(pod.fabric)->bandwidth == 512 * 50e9);
}

TEST_CASE("Eos: 576 nodes of eight H100") { CHECK(cluster("eos").fabric.chip_count() == 4608); }

TEST_CASE("the torus of cliques has no switch and no NIC") {
  const Cluster torus = cluster("torus_of_cliques");
  CHECK(torus.source == "hypothetical");
  CHECK(torus.fabric.chip_count() == 1024);
  CHECK(count(torus.fabric, VertexKind::kSwitch) == 0);
  CHECK(count(torus.fabric, VertexKind::kNic) == 0);
  CHECK(diameter(torus.fabric).hops == 1 + 4 + 4);
  // Sixteen rails, each an 8 × 8 torus: 2 wraps × 8 lines × 50 GB/s.
  CHECK(bisection(torus.fabric)->bandwidth == 16 * 2 * 8 * 50e9);
}

TEST_CASE("a million-chip fat tree is refused before it is built, a half-million-link one is built") {
  const std::string tree =
      "{{shape: fat_tree, nodes: {}, nodes_per_leaf: 32, link: {{bandwidth: 50 GB/s, latency: 200 ns}}, spine: "
      "{{switches: "
      "32}}}}";
  CHECK_THROWS_AS(cluster_of(fmt::format(fmt::runtime(tree), 1 << 21)), InputError);
  CHECK(cluster_of(fmt::format(fmt::runtime(tree), 1 << 16)).fabric.chip_count() == 65536);
}

}  // namespace
}  // namespace orrery::test
