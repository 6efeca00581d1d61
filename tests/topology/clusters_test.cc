// Every cluster file loads, and the published machines are what was published.
#include <fmt/format.h>

#include <map>

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
    // Those of a million chips are larger than what is built at once.
    const bool is_vast = name.find("_1m_") != std::string::npos;
    const Cluster whole = cluster(name, is_vast ? 4096 : 0);
    CHECK(whole.fabric.chip_count() > 0);
    CHECK(whole.pue >= 1);
    CHECK(!whole.source.empty());
    CHECK(std::all_of(whole.fabric.links().begin(), whole.fabric.links().end(), [](const Link& link) {
      return link.bandwidth > Bandwidth() && link.efficiency > 0 && link.efficiency <= 1;
    }));
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

TEST_CASE("MegaScale: 64 nodes under eight leaves, three tiers of 64 ports of 400 Gb/s, as much up as down") {
  const Cluster megascale = cluster("megascale");
  const Fabric& fabric = megascale.fabric;
  CHECK(fabric.chip_count() == 12288);
  std::size_t leaves = 0;
  for (const Vertex& vertex : fabric.vertices()) leaves += vertex.name.find("leaf") != std::string::npos ? 1U : 0U;
  CHECK(leaves == 1536 / 64 * 8);
  const auto rate = [&](Tier tier) {
    double sum = 0;
    for (const Link& link : fabric.links())
      if (link.tier == tier) sum += link.bandwidth.as_double();
    return sum;
  };
  CHECK(rate(Tier::kRail) == 2 * 12288 * 25e9);
  CHECK(rate(Tier::kSpine) == rate(Tier::kRail));
  CHECK(rate(Tier::kCore) == rate(Tier::kRail));
  // 400 Gb/s ports of a switch: no more than 64 are taken.
  std::map<std::size_t, double> ports;
  for (const Link& link : fabric.links())
    if (link.tier != Tier::kScaleUp && fabric.vertices()[link.from].kind == VertexKind::kSwitch)
      ports[link.from.index()] += link.bandwidth.as_double() / 50e9;
  for (const auto& [vertex, taken] : ports) CHECK(taken <= 64);
}

TEST_CASE(
    "a million H100: pods of 4,096 chips, as many cables up as down at each tier, or a quarter above the leaves") {
  const auto held = [](const std::string& name) {
    return chips_held(library().resolve(yaml::parse(name, "t.yaml"), "topology/clusters", "cluster"));
  };
  CHECK(held("h100_1m_ethernet") == 1'048'576);
  CHECK(held("h100_1m_ethernet_4to1") == 1'048'576);
  const Cluster open = cluster("h100_1m_ethernet", 8192);
  CHECK(open.fabric.chip_count() == 8192);
  CHECK(open.fabric.node_count() == 1024);
  CHECK(count(open.fabric, Tier::kRail) == 2 * 8192);
  CHECK(count(open.fabric, Tier::kSpine) == 2 * 8192);
  CHECK(count(open.fabric, Tier::kCore) == 2 * 8192);
  CHECK(bisection(open.fabric)->bandwidth == 4096 * 50e9);
  const Cluster narrow = cluster("h100_1m_ethernet_4to1", 8192);
  CHECK(count(narrow.fabric, Tier::kSpine) == 2 * 8192 / 4);
  CHECK(count(narrow.fabric, Tier::kCore) == 2 * 8192 / 4);
  CHECK(bisection(narrow.fabric)->bandwidth == 4096 * 50e9 / 4);
}

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

TEST_CASE("GB200 NVL72: 18 links a GPU into one domain, racks on four rails") {
  const Cluster rack = cluster("gb200_nvl72");
  CHECK(rack.fabric.chip_count() == 72);
  CHECK(rack.fabric.node_count() == 1);
  CHECK(count(rack.fabric, VertexKind::kHost) == 36);
  CHECK(diameter(rack.fabric).hops == 2);
  double aggregate = 0;  // published: 130 TB/s, both directions
  for (const Link& link : rack.fabric.links())
    if (link.tier == Tier::kScaleUp) aggregate += link.bandwidth.as_double();
  CHECK(aggregate == doctest::Approx(130e12).epsilon(0.01));
  const Cluster racks = cluster("gb200_nvl72_rails");
  CHECK(racks.fabric.chip_count() == 576);
  CHECK(count(racks.fabric, VertexKind::kSwitch) == 8 + 8 * 4 + 9);
  CHECK(count(racks.fabric, Tier::kSpine) == 2 * 576);
  CHECK(bisection(racks.fabric)->bandwidth == 288 * 50e9);
  CHECK(cluster("nvlink_576").fabric.chip_count() == 576);
  CHECK(diameter(cluster("nvlink_576").fabric).hops == 4);
}

TEST_CASE("TPU pods: 4,096 and 8,960 chips, 96 optical links a cube, published bisection") {
  const auto optics = [](const Fabric& fabric) {
    return std::count_if(fabric.links().begin(), fabric.links().end(),
                         [](const Link& link) { return link.kind == LinkKind::kOptics; });
  };
  const Cluster v4 = cluster("tpu_v4_pod");
  CHECK(v4.fabric.chip_count() == 4096);
  CHECK(v4.fabric.node_count() == 1024);
  CHECK(optics(v4.fabric) == 2 * 48 * 64);  // 48 circuit switches, each with a way for each of 64 cubes
  CHECK(bisection(v4.fabric)->bandwidth == doctest::Approx(24e12).epsilon(0.07));  // Google prints 24 TB/s
  CHECK(diameter(v4.fabric).hops == 24);
  const Cluster v5p = cluster("tpu_v5p_pod");
  CHECK(v5p.fabric.chip_count() == 8960);
  CHECK(optics(v5p.fabric) == 2 * 48 * 140);
  CHECK(bisection(v5p.fabric)->bandwidth == 2 * 16 * 20 * 100e9);
}

TEST_CASE("MI300X: seven links a chip, eight NICs a node") {
  const Cluster found = cluster("mi300x_roce");
  CHECK(found.fabric.chip_count() == 1024);
  CHECK(count(found.fabric, Tier::kScaleUp) == 1024 * 7);
  CHECK(count(found.fabric, VertexKind::kSwitch) == 16 + 8);
  CHECK(bisection(found.fabric)->bandwidth == 512 * 50e9);
}

TEST_CASE("Trn2 UltraServer: 64 chips, 640 GB/s each way a chip, four nodes") {
  const Cluster server = cluster("trn2_ultraserver");
  CHECK(server.fabric.chip_count() == 64);
  CHECK(server.fabric.node_count() == 4);
  double rate = 0;
  for (const Link& link : server.fabric.links())
    if (link.tier == Tier::kScaleUp && link.from == server.fabric.engine(ChipId(0))) rate += link.bandwidth.as_double();
  CHECK(rate == 640e9);
  CHECK(diameter(server.fabric).hops == 6);
}

TEST_CASE("Llama 3's cluster: pods at full rate, one to seven between them") {
  const Cluster llama = cluster("llama3_24k");
  CHECK(llama.fabric.chip_count() == 24'576);
  CHECK(count(llama.fabric, Tier::kSpine) == 2 * 24'576);
  CHECK(static_cast<double>(count(llama.fabric, Tier::kSpine)) /
            static_cast<double>(count(llama.fabric, Tier::kCore)) ==
        doctest::Approx(7).epsilon(0.03));
}

TEST_CASE("131,072 H100: three tiers of 128-port switches") {
  const Cluster huge = cluster("h100_131072_ethernet");
  CHECK(huge.source == "hypothetical");
  CHECK(huge.fabric.chip_count() == 131'072);
  CHECK(huge.fabric.node_count() == 16'384);
  CHECK(count(huge.fabric, VertexKind::kSwitch) == 16'384 + 2'048 + 2'048 + 256);
  CHECK(count(huge.fabric, Tier::kRail) == 2 * 131'072);
  CHECK(count(huge.fabric, Tier::kSpine) == 2 * 131'072);
  CHECK(count(huge.fabric, Tier::kCore) == 2 * 131'072 / 4);
}

TEST_CASE("three sites: a kilometre of fibre takes 4.9 us") {
  const Cluster sites = cluster("three_sites");
  CHECK(sites.fabric.chip_count() == 3 * 1024);
  CHECK(count(sites.fabric, Tier::kWan) == 2 * 3 * 16);
  for (const Link& link : sites.fabric.links())
    if (link.tier == Tier::kWan) {
      CHECK(link.latency > Duration::microseconds(10 + 4 * 48));
      CHECK(link.latency < Duration::microseconds(10 + 4 * 50));
    }
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
