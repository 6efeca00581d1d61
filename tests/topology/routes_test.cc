// Routes: valid, minimal, independent of what was asked before, evenly spread, and an error where there is none.
#include "topology/routes.h"

#include <fmt/format.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "tests/topology/fixture.h"
#include "topology/shapes/shape.h"

namespace orrery::test {
namespace {

const std::string kLink = "link: {bandwidth: 25 GB/s, latency: 200 ns}";
const std::string kNode =
    "block: {shape: nvswitch_node, chips: 8, nics: 8, nvlink: {bandwidth: 300 GB/s, latency: 350 ns}, pcie: "
    "{bandwidth: "
    "32 GB/s, latency: 600 ns}}";

std::vector<LinkId> route(Routes& routes, std::size_t from, std::size_t to) {
  const std::span<const LinkId> found = routes.route(ChipId(from), ChipId(to));
  return {found.begin(), found.end()};
}

// The names of what a route passes, its ends included.
std::string names_on(const Fabric& fabric, const std::vector<LinkId>& route) {
  std::string names = fabric.vertices()[fabric.links()[route.front()].from].name;
  for (const LinkId link : route) names += " > " + fabric.vertices()[fabric.links()[link].to].name;
  return names;
}

bool is_path(const Fabric& fabric, const std::vector<LinkId>& route, std::size_t from, std::size_t to) {
  VertexId at = fabric.engine(ChipId(from));
  for (const LinkId link : route) {
    if (fabric.links()[link].from != at || fabric.links()[link].tier == Tier::kHbm) return false;
    at = fabric.links()[link].to;
  }
  return at == fabric.engine(ChipId(to));
}

// The rule of routes.h, by brute force: fewest hops through switches and NICs; else engines too; else hosts too.
std::vector<std::vector<int>> expected_hops(const Fabric& fabric) {
  const std::size_t n = fabric.vertices().size();
  std::vector<std::vector<int>> hops(fabric.chip_count(), std::vector<int>(fabric.chip_count(), kFar));
  for (int rule = 0; rule < 3; ++rule) {
    std::vector<bool> may_pass(n);
    for (std::size_t v = 0; v < n; ++v) {
      const VertexKind kind = fabric.vertices()[VertexId(v)].kind;
      may_pass[v] = kind == VertexKind::kSwitch || kind == VertexKind::kNic ||
                    (rule >= 1 && kind == VertexKind::kEngine) || (rule >= 2 && kind == VertexKind::kHost);
    }
    const auto distances = all_distances(fabric, may_pass);
    for (std::size_t a = 0; a < hops.size(); ++a)
      for (std::size_t b = 0; b < hops.size(); ++b)
        if (hops[a][b] == kFar)
          hops[a][b] = distances[fabric.engine(ChipId(a)).index()][fabric.engine(ChipId(b)).index()];
  }
  return hops;
}

void check_all_pairs(const Fabric& fabric) {
  Routes routes(fabric);
  const auto hops = expected_hops(fabric);
  for (std::size_t a = 0; a < hops.size(); ++a)
    for (std::size_t b = 0; b < hops.size(); ++b) {
      const auto found = route(routes, a, b);
      REQUIRE(is_path(fabric, found, a, b));
      REQUIRE(static_cast<int>(found.size()) == hops[a][b]);
    }
}

TEST_CASE("routes are paths and minimal on every shape") {
  for (const std::string& fabric :
       {"{shape: single_switch, blocks: 5, " + kLink + "}", "{shape: ring, blocks: 7, " + kLink + "}",
        "{shape: mesh, size: [3, 4], " + kLink + "}", "{shape: torus, size: [4, 2, 3], " + kLink + "}",
        "{shape: fully_connected, blocks: 6, " + kLink + "}",
        "{shape: rail_fat_tree, nodes: 4, nodes_per_unit: 2, " + kLink + ", spine: {switches: 2}, " + kNode + "}",
        "{shape: rail_fat_tree, nodes: 4, nodes_per_unit: 2, " + kLink + ", spine: {switches: 2, scope: rail}, " +
            kNode + "}",
        "{shape: rail_fat_tree, nodes: 3, nodes_per_unit: 3, " + kLink + ", " + kNode + "}",
        "{shape: fat_tree, nodes: 4, nodes_per_leaf: 1, units_per_pod: 2, " + kLink +
            ", spine: {switches: 2}, core: {switches: 4}, " + kNode + "}",
        "{shape: ring, blocks: 4, " + kLink + ", " + kNode + "}",
        "{shape: torus, size: [3, 3], " + kLink + ", block: {shape: fully_connected, blocks: 3, " + kLink + "}}"}) {
    CAPTURE(fabric);
    check_all_pairs(cluster_of(fabric).fabric);
  }
}

TEST_CASE("a chip reaches itself without a link") {
  const Cluster cluster = cluster_of("{shape: ring, blocks: 4, " + kLink + "}");
  Routes routes(cluster.fabric);
  CHECK(route(routes, 2, 2).empty());
}

TEST_CASE("latency is the sum over the links") {
  const Cluster cluster = cluster_of("{shape: rail_fat_tree, nodes: 2, nodes_per_unit: 2, " + kLink +
                                     ", spine: {switches: 1}, " + kNode + "}");
  Routes routes(cluster.fabric);
  CHECK(routes.latency(route(routes, 0, 8)) == Duration::nanoseconds(600 + 200 + 200 + 600));
  CHECK(routes.latency(route(routes, 0, 1)) == Duration::nanoseconds(350 + 350));
  CHECK(routes.latency({}) == Duration());
}

TEST_CASE("a node's chips use its scale-up switch, a rail its NICs and leaves, rails meet in the spine") {
  const Cluster cluster = cluster_of("{shape: rail_fat_tree, nodes: 4, nodes_per_unit: 2, " + kLink +
                                     ", spine: {switches: 2}, " + kNode + "}");
  const Fabric& fabric = cluster.fabric;
  Routes routes(fabric);
  CHECK(names_on(fabric, route(routes, 0, 5)) == "node0/chip0 > node0/nvswitch0 > node0/chip5");
  CHECK(names_on(fabric, route(routes, 3, 8 + 3)) ==
        "node0/chip3 > node0/nic3 > unit0/leaf3 > node1/nic3 > node1/chip3");
  const std::string across = names_on(fabric, route(routes, 3, 16 + 5));
  CHECK(across.find("node0/chip3 > node0/nic3 > unit0/leaf3 > pod0/spine") == 0);
  CHECK(across.find(" > unit1/leaf5 > node2/nic5 > node2/chip5") != std::string::npos);
}

TEST_CASE("where no spine joins the rails, chips of a node hand transfers on, and hosts don't") {
  const Cluster cluster =
      cluster_of("{shape: rail_fat_tree, nodes: 2, nodes_per_unit: 2, " + kLink + ", " + kNode + "}");
  Routes routes(cluster.fabric);
  for (std::size_t to = 8; to < 16; ++to)
    for (const LinkId link : route(routes, 3, to))
      CHECK(cluster.fabric.vertices()[cluster.fabric.links()[link].to].kind != VertexKind::kHost);
}

TEST_CASE("hosts carry what nothing else can") {
  const Cluster cluster =
      cluster_of("{shape: explicit, vertices: [{name: a, kind: chip}, {name: b, kind: chip}, {name: h, kind: host}], " +
                 kLink + ", links: [{from: a, to: h}, {from: h, to: b}]}");
  Routes routes(cluster.fabric);
  CHECK(names_on(cluster.fabric, route(routes, 0, 1)) == "a > h > b");
}

TEST_CASE("an engine is passed through only when nothing else connects, even if that is shorter") {
  // a - b - c directly, and a - s1 - s2 - s3 - c through switches.
  const Cluster cluster = cluster_of(
      "{shape: explicit, vertices: [{name: a, kind: chip}, {name: b, kind: chip}, {name: c, kind: chip}, {name: s1, "
      "kind: "
      "switch}, {name: s2, kind: switch}, {name: s3, kind: switch}], " +
      kLink +
      ", links: [{from: a, to: b}, {from: b, to: c}, {from: a, to: s1}, {from: s1, to: s2}, {from: s2, to: s3}, {from: "
      "s3, "
      "to: c}]}");
  Routes routes(cluster.fabric);
  CHECK(names_on(cluster.fabric, route(routes, 0, 2)) == "a > s1 > s2 > s3 > c");
}

TEST_CASE("a torus routes in order of dimension, halfway destinations both ways") {
  const Cluster cluster = cluster_of("{shape: torus, size: [4, 4], " + kLink + "}");
  const Fabric& fabric = cluster.fabric;
  Routes routes(fabric);
  CHECK(names_on(fabric, route(routes, 0, 4 + 1)) == "chip0 > chip4 > chip5");
  CHECK(names_on(fabric, route(routes, 5, 0)) == "chip5 > chip1 > chip0");
  // All-to-all: by symmetry every link of a torus with sizes that are multiples of four carries the same.
  std::map<LinkId, int> load;
  for (std::size_t a = 0; a < 16; ++a)
    for (std::size_t b = 0; b < 16; ++b)
      for (const LinkId link : route(routes, a, b)) ++load[link];
  CHECK(load.size() == 64);
  const auto [least, most] =
      std::minmax_element(load.begin(), load.end(), [](const auto& x, const auto& y) { return x.second < y.second; });
  CHECK(least->second == most->second);
}

// How many of the given transfers cross each link of a tier.
std::map<LinkId, int> loads(const Fabric& fabric, Tier tier,
                            const std::vector<std::pair<std::size_t, std::size_t>>& pairs) {
  Routes routes(fabric);
  std::map<LinkId, int> load;
  for (const auto& [from, to] : pairs)
    for (const LinkId link : route(routes, from, to))
      if (fabric.links()[link].tier == tier) ++load[link];
  return load;
}

void check_even(const std::map<LinkId, int>& load, std::size_t links, int each) {
  CHECK(load.size() == links);
  for (const auto& [link, count] : load) CHECK(count == each);
}

TEST_CASE("D-mod-k: a shift of whole units loads every uplink and every downlink alike") {
  // Four units of eight nodes; a leaf has eight uplinks on four spines, two cables to each.
  const Cluster cluster = cluster_of("{shape: rail_fat_tree, nodes: 32, nodes_per_unit: 8, " + kLink +
                                     ", spine: {switches: 4}, " + kNode + "}");
  for (std::size_t shift = 1; shift < 4; ++shift) {
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    for (std::size_t chip = 0; chip < 256; ++chip) pairs.emplace_back(chip, (chip + shift * 64) % 256);
    check_even(loads(cluster.fabric, Tier::kSpine, pairs), 4 * 8 * 8 * 2, 1);
  }
}

TEST_CASE("D-mod-k: the same across three tiers, core links included") {
  // Two pods of two units of four nodes, a rail a group of two spines, two cables from a leaf to each.
  const Cluster cluster = cluster_of("{shape: rail_fat_tree, nodes: 16, nodes_per_unit: 4, units_per_pod: 2, " + kLink +
                                     ", spine: {switches: 2, scope: rail}, core: {switches: 4}, " + kNode + "}");
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t chip = 0; chip < 128; ++chip) pairs.emplace_back(chip, (chip + 64) % 128);
  check_even(loads(cluster.fabric, Tier::kSpine, pairs), 2 * 4 * 8 * 4, 1);
  const auto core = loads(cluster.fabric, Tier::kCore, pairs);
  CHECK(core.size() == 2 * 2 * 8 * 2 * 4);
  for (const auto& [link, count] : core) CHECK(count == 1);
}

TEST_CASE("D-mod-k: the published 140-node SuperPOD carries a shift by half of itself without a conflict") {
  const Cluster cluster = cluster_of("{shape: rail_fat_tree, nodes: 140, nodes_per_unit: 20, " + kLink +
                                     ", spine: {switches: 10, scope: rail}, core: {switches: 140}, " + kNode + "}");
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t chip = 0; chip < 1120; ++chip) pairs.emplace_back(chip, (chip + 480) % 1120);
  for (const auto& [link, count] : loads(cluster.fabric, Tier::kSpine, pairs)) CHECK(count == 1);
}

TEST_CASE("D-mod-k: a node's eight transfers to another node leave a shared leaf by eight uplinks") {
  const Cluster cluster =
      cluster_of("{shape: fat_tree, nodes: 16, nodes_per_leaf: 4, " + kLink + ", spine: {switches: 8}, " + kNode + "}");
  for (std::size_t node = 4; node < 16; ++node) {
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    for (std::size_t chip = 0; chip < 8; ++chip) pairs.emplace_back(chip, node * 8 + chip);
    check_even(loads(cluster.fabric, Tier::kSpine, pairs), 16, 1);
  }
}

TEST_CASE("the answer doesn't depend on what was asked before, nor on what was forgotten") {
  const Cluster cluster =
      cluster_of("{shape: fat_tree, nodes: 8, nodes_per_leaf: 2, units_per_pod: 2, " + kLink +
                 ", spine: {switches: 4, oversubscription: 2}, core: {switches: 8}, " + kNode + "}");
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t a = 0; a < 64; ++a)
    for (std::size_t b = 0; b < 64; ++b) pairs.emplace_back(a, b);
  Routes in_order(cluster.fabric);
  std::map<std::pair<std::size_t, std::size_t>, std::vector<LinkId>> expected;
  for (const auto& pair : pairs) expected[pair] = route(in_order, pair.first, pair.second);
  CHECK(rc::check("any order of asking", [&] {
    Routes routes(cluster.fabric);
    for (int i = 0; i < 200; ++i) {
      const auto pair = *rc::gen::elementOf(pairs);
      RC_ASSERT(route(routes, pair.first, pair.second) == expected[pair]);
    }
  }));
}

TEST_CASE("no path is an error that names both chips") {
  // Fabrics read from files are connected; one built by hand need not be.
  Builder builder(load_chip(library(), yaml::parse(kChip, "t.yaml")));
  builder.fabric.add_chip(0, "left");
  builder.fabric.add_chip(1, "right");
  Routes routes(builder.fabric);
  CHECK_THROWS_WITH_AS(static_cast<void>(routes.route(ChipId(0), ChipId(1))), "no path from left to right", RunError);
  // One way is not both ways.
  Link link;
  link.from = builder.fabric.engine(ChipId(0));
  link.to = builder.fabric.engine(ChipId(1));
  builder.fabric.add_link(link);
  Routes one_way(builder.fabric);
  CHECK(one_way.route(ChipId(0), ChipId(1)).size() == 1);
  CHECK_THROWS_WITH_AS(static_cast<void>(one_way.route(ChipId(1), ChipId(0))), "no path from right to left", RunError);
}

TEST_CASE("random tori: a route's length is the sum over dimensions of the shorter way round") {
  CHECK(rc::check("torus distance", [] {
    std::vector<std::size_t> sizes(*rc::gen::inRange<std::size_t>(1, 4));
    for (std::size_t& size : sizes) size = *rc::gen::inRange<std::size_t>(1, 6);
    const Cluster cluster = cluster_of(fmt::format("{{shape: torus, size: [{}], {}}}", fmt::join(sizes, ", "), kLink));
    const std::size_t chips = std::accumulate(sizes.begin(), sizes.end(), std::size_t{1}, std::multiplies<>());
    RC_ASSERT(cluster.fabric.chip_count() == chips);
    const auto from = *rc::gen::inRange<std::size_t>(0, chips);
    const auto to = *rc::gen::inRange<std::size_t>(0, chips);
    std::size_t expected = 0;
    std::size_t a = from;
    std::size_t b = to;
    for (std::size_t d = sizes.size(); d-- > 0;) {
      const std::size_t size = sizes[d];
      const std::size_t apart = (a % size + size - b % size) % size;
      expected += std::min(apart, size - apart);
      a /= size;
      b /= size;
    }
    Routes routes(cluster.fabric);
    const auto found = route(routes, from, to);
    RC_ASSERT(is_path(cluster.fabric, found, from, to));
    RC_ASSERT(found.size() == expected);
  }));
}

TEST_CASE("random explicit fabrics: routes are minimal under the rule of what may be passed") {
  CHECK(rc::check("explicit distance", [] {
    // A random tree keeps it connected; further cables make shorter ways.
    const auto vertices = *rc::gen::inRange<std::size_t>(2, 10);
    constexpr std::array<const char*, 4> kKinds = {"chip", "switch", "nic", "host"};
    std::string listed = "{name: v0, kind: chip}, {name: v1, kind: chip}";
    for (std::size_t v = 2; v < vertices; ++v)
      listed += fmt::format(", {{name: v{}, kind: {}}}", v, kKinds[*rc::gen::inRange<std::size_t>(0, 4)]);
    std::string links;
    for (std::size_t v = 1; v < vertices; ++v)
      links += fmt::format("{}{{from: v{}, to: v{}}}", v == 1 ? "" : ", ", v, *rc::gen::inRange<std::size_t>(0, v));
    const auto more = *rc::gen::inRange<std::size_t>(0, 8);
    for (std::size_t i = 0; i < more; ++i) {
      const auto a = *rc::gen::inRange<std::size_t>(0, vertices);
      const auto b = *rc::gen::inRange<std::size_t>(0, vertices);
      if (a != b) links += fmt::format(", {{from: v{}, to: v{}, one_way: {}}}", a, b, i % 2 == 0);
    }
    const Cluster cluster =
        cluster_of(fmt::format("{{shape: explicit, vertices: [{}], {}, links: [{}]}}", listed, kLink, links));
    const auto hops = expected_hops(cluster.fabric);
    Routes routes(cluster.fabric);
    for (std::size_t a = 0; a < hops.size(); ++a)
      for (std::size_t b = 0; b < hops.size(); ++b) {
        const auto found = route(routes, a, b);
        RC_ASSERT(is_path(cluster.fabric, found, a, b));
        RC_ASSERT(static_cast<int>(found.size()) == hops[a][b]);
      }
  }));
}

}  // namespace
}  // namespace orrery::test
