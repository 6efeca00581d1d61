// Every routing on every kind of fabric: walks from chip to chip, shares that add up, lengths, seeds, order of asking.
#include "topology/routing/routing.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "tests/topology/routing_fixture.h"

namespace orrery::test {
namespace {

const std::vector<std::string>& small_fabrics() {
  static const std::vector<std::string> fabrics = {
      "{shape: single_switch, blocks: 5, " + kCable + "}",
      "{shape: ring, blocks: 6, " + kCable + "}",
      "{shape: torus, size: [4, 2, 3], " + kCable + "}",
      "{shape: mesh, size: [3, 4], " + kCable + "}",
      "{shape: hyperx, size: [3, 3], blocks_per_switch: 2, " + kCable + "}",
      "{shape: dragonfly, groups: 5, routers: 2, blocks_per_router: 2, global_links: 2, " + kCable + "}",
      "{shape: fat_tree, nodes: 4, nodes_per_leaf: 1, " + kCable + ", spine: {switches: 2}, " + kRailNode + "}",
      "{shape: fat_tree, nodes: 4, nodes_per_leaf: 1, units_per_pod: 2, " + kCable +
          ", spine: {switches: 2}, core: {switches: 4}, " + kRailNode + "}",
      "{shape: rail_fat_tree, nodes: 4, nodes_per_unit: 2, " + kCable + ", spine: {switches: 2}, " + kRailNode + "}",
      "{shape: rail_only, nodes: 3, " + kCable + ", " + kRailNode + "}",
      "{shape: torus, size: [3, 3], " + kCable + ", block: {shape: fully_connected, blocks: 3, " + kCable + "}}"};
  return fabrics;
}

const std::vector<std::string> kAnywhere = {"minimal",
                                            "ecmp",
                                            "{name: ecmp, seed: 3, flows: 3}",
                                            "spray",
                                            "{name: spray, paths: 3}",
                                            "valiant",
                                            "{name: valiant, seed: 3, flows: 2}",
                                            "adaptive"};

void check_all(const Fabric& fabric, const std::string& text) {
  CAPTURE(text);
  const RoutingMaker make = routing_of(text, fabric);
  Routes minimal(fabric);
  Routes routes(fabric, make);
  Routes backwards(fabric, make);
  const std::size_t chips = fabric.chip_count();
  const bool is_minimal = text.find("minimal") != std::string::npos || text.find("ecmp") != std::string::npos ||
                          text.find("spray") != std::string::npos ||
                          text.find("dimension_ordered") != std::string::npos;
  std::map<std::pair<std::size_t, std::size_t>, std::vector<FoundPath>> found;
  for (std::size_t a = 0; a < chips; ++a)
    for (std::size_t b = 0; b < chips; ++b) {
      const std::vector<FoundPath>& paths = found[{a, b}] = paths_of(routes, a, b);
      REQUIRE(!paths.empty());
      double shares = 0;
      for (const FoundPath& path : paths) {
        REQUIRE(is_walk(fabric, path.links, a, b));
        REQUIRE(path.share > 0);
        shares += path.share;
        if (is_minimal) REQUIRE(path.links.size() == minimal.route(ChipId(a), ChipId(b)).size());
      }
      REQUIRE(std::abs(shares - 1) < 1e-12);
    }
  for (std::size_t a = chips; a-- > 0;)
    for (std::size_t b = chips; b-- > 0;) {
      REQUIRE(paths_of(routes, a, b) == found[{a, b}]);
      if (text != "adaptive") REQUIRE(paths_of(backwards, a, b) == found[{a, b}]);
    }
}

TEST_CASE("the routings there are") {
  CHECK(Routings::names() == std::vector<std::string>{"adaptive", "dimension_ordered", "ecmp", "explicit", "minimal",
                                                      "rail_aligned", "spray", "valiant"});
}

TEST_CASE("walks, shares, lengths and independence of the order of asking, on every fabric") {
  for (const std::string& text : small_fabrics()) {
    CAPTURE(text);
    const Cluster cluster = cluster_of(text);
    for (const std::string& routing : kAnywhere) check_all(cluster.fabric, routing);
    if (routing_error("dimension_ordered", cluster.fabric).empty()) check_all(cluster.fabric, "dimension_ordered");
    if (routing_error("rail_aligned", cluster.fabric).empty()) check_all(cluster.fabric, "rail_aligned");
  }
}

TEST_CASE("which fabrics have dimensions and rails") {
  std::string dimensions;
  std::string rails;
  for (const std::string& text : small_fabrics()) {
    const Cluster cluster = cluster_of(text);
    dimensions += routing_error("dimension_ordered", cluster.fabric).empty() ? '1' : '0';
    rails += routing_error("rail_aligned", cluster.fabric).empty() ? '1' : '0';
  }
  CHECK(dimensions == "00111000001");
  CHECK(rails == "00000000110");
}

TEST_CASE("where nothing is said routes are minimal") {
  const Cluster cluster = cluster_of(small_fabrics()[7]);
  Routes said(cluster.fabric, routing_of("minimal", cluster.fabric));
  Routes unsaid(cluster.fabric);
  for (std::size_t b = 0; b < 16; ++b) CHECK(paths_of(said, 1, b) == paths_of(unsaid, 1, b));
}

TEST_CASE("the same seed gives the same paths, another seed others") {
  for (const char* name : {"ecmp", "valiant"}) {
    for (const std::size_t which : {5U, 7U}) {
      const Cluster cluster = cluster_of(small_fabrics()[which]);
      const auto all = [&](int seed) {
        Routes routes(
            cluster.fabric,
            routing_of("{name: " + std::string(name) + ", seed: " + std::to_string(seed) + "}", cluster.fabric));
        std::vector<FoundPath> paths;
        for (std::size_t a = 0; a < cluster.fabric.chip_count(); ++a)
          for (std::size_t b = 0; b < cluster.fabric.chip_count(); ++b)
            for (FoundPath& path : paths_of(routes, a, b)) paths.push_back(std::move(path));
        return paths;
      };
      CHECK(all(1) == all(1));
      // A small dragonfly has one shortest path for each pair.
      if (std::string(name) != "ecmp" || which != 5) CHECK(all(1) != all(2));
    }
  }
}

TEST_CASE("what a routing doesn't have is refused, with the place") {
  const Cluster cluster = cluster_of("{shape: ring, blocks: 4, " + kCable + "}");
  const Fabric& fabric = cluster.fabric;
  CHECK(routing_error("ecpm", fabric) ==
        "r.yaml:1:1: error: no routing is called 'ecpm'; did you mean 'ecmp'?\n"
        "  1 | ecpm\n"
        "    | ^~~~\n"
        "  note: routings: adaptive, dimension_ordered, ecmp, explicit, minimal, rail_aligned, spray, valiant");
  CHECK(routing_error("{name: minimal, seed: 7}", fabric) ==
        "r.yaml:1:17: error: a routing has no key 'seed'\n"
        "  1 | {name: minimal, seed: 7}\n"
        "    |                 ^~~~\n"
        "  note: keys: name");
  CHECK(routing_error("{name: ecmp, sede: 7}", fabric).find("did you mean 'seed'?") != std::string::npos);
  CHECK(routing_error("{name: ecmp, flows: 0}", fabric).find("must be between 1 and 1024, not 0") != std::string::npos);
  CHECK(routing_error("{name: spray, seed: 1}", fabric).find("has no key 'seed'") != std::string::npos);
  CHECK(routing_error("{seed: 1}", fabric).find("name") != std::string::npos);
  CHECK(routing_error("dimension_ordered", fabric) ==
        "r.yaml:1:1: error: this fabric has no dimensions to take in order: they are those of a mesh, a torus or a "
        "HyperX "
        "of two or more\n"
        "  1 | dimension_ordered\n"
        "    | ^~~~~~~~~~~~~~~~~");
  CHECK(routing_error("{name: rail_aligned}", fabric) ==
        "r.yaml:1:8: error: this fabric has no rails: they need a NIC for each chip, and leaf switches of which a node "
        "has "
        "several\n"
        "  1 | {name: rail_aligned}\n"
        "    |        ^~~~~~~~~~~~");
}

}  // namespace
}  // namespace orrery::test
