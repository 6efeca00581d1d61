// What each routing does that no other does: collisions, even loads, detours, orders, rails, lists, loads so far.
#include <algorithm>
#include <cmath>
#include <map>

#include "tests/topology/routing_fixture.h"

namespace orrery::test {
namespace {

// Four leaves of four chips (two nodes), each leaf with four uplinks.
const std::string kTree = "{shape: fat_tree, nodes: 16, nodes_per_leaf: 4, " + kCable + ", spine: {switches: 4}}";

using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;

Pairs shift(std::size_t chips, std::size_t by) {
  Pairs pairs;
  for (std::size_t chip = 0; chip < chips; ++chip) pairs.emplace_back(chip, (chip + by) % chips);
  return pairs;
}

// Bytes a byte of each pair that cross each link of a tier.
std::map<LinkId, double> shares_on(const Fabric& fabric, std::string_view routing, Tier tier, const Pairs& pairs) {
  Routes routes(fabric, routing_of(routing, fabric));
  std::map<LinkId, double> load;
  for (const auto& [from, to] : pairs)
    for (const FoundPath& path : paths_of(routes, from, to))
      for (const LinkId link : path.links)
        if (fabric.links()[link].tier == tier) load[link] += path.share;
  return load;
}

double heaviest(const std::map<LinkId, double>& load) {
  double most = 0;
  for (const auto& [link, its] : load) most = std::max(most, its);
  return most;
}

TEST_CASE("ecmp collides on a permutation that minimal carries without a conflict") {
  const Cluster cluster = cluster_of(kTree);
  CHECK(heaviest(shares_on(cluster.fabric, "minimal", Tier::kSpine, shift(16, 4))) == 1);
  int collisions = 0;
  for (int seed = 0; seed < 8; ++seed)
    if (heaviest(shares_on(cluster.fabric, "{name: ecmp, seed: " + std::to_string(seed) + "}", Tier::kSpine,
                           shift(16, 4))) > 1)
      ++collisions;
  CHECK(collisions == 8);
}

TEST_CASE("ecmp: a hop's choices come out about evenly over many flows") {
  const Cluster cluster = cluster_of(kTree);
  Pairs all;
  for (std::size_t a = 0; a < 16; ++a)
    for (std::size_t b = 0; b < 16; ++b)
      if (a != b) all.emplace_back(a, b);
  const auto load = shares_on(cluster.fabric, "{name: ecmp, flows: 64}", Tier::kSpine, all);
  CHECK(load.size() == 32);
  // 48 flows out of each leaf, 12 an uplink on average; of 64 parts each, a tenth is over five standard deviations.
  for (const auto& [link, its] : load) CHECK(std::abs(its - 12) < 1.2);
}

TEST_CASE("spray loads every uplink alike, and its shares are those of an equal split at each hop") {
  const Cluster cluster = cluster_of(kTree);
  for (const std::size_t by : {4U, 5U, 8U}) {
    const auto load = shares_on(cluster.fabric, "spray", Tier::kSpine, shift(16, by));
    CHECK(load.size() == 32);
    for (const auto& [link, its] : load) CHECK(its == doctest::Approx(by == 5 ? its : 1.0));
  }
  Routes routes(cluster.fabric, routing_of("spray", cluster.fabric));
  const auto paths = paths_of(routes, 0, 5);
  REQUIRE(paths.size() == 4);
  for (const FoundPath& path : paths) CHECK(path.share == 0.25);
}

TEST_CASE("spray takes every direction of a torus, each hop split evenly") {
  const Cluster cluster = cluster_of("{shape: torus, size: [5, 5], " + kCable + "}");
  Routes routes(cluster.fabric, routing_of("spray", cluster.fabric));
  // Two steps by one: three paths, of which the one that turns last is taken by all that turns late.
  const auto paths = paths_of(routes, 0, 2 * 5 + 1);
  std::map<std::string, double> share;
  for (const FoundPath& path : paths) share[names_along(cluster.fabric, path.links)] = path.share;
  CHECK(share == std::map<std::string, double>{{"chip0 > chip1 > chip6 > chip11", 0.5},
                                               {"chip0 > chip5 > chip6 > chip11", 0.25},
                                               {"chip0 > chip5 > chip10 > chip11", 0.25}});
}

TEST_CASE("spray keeps to so many paths, and all pairs together still use every cable") {
  const Cluster cluster = cluster_of(kTree);
  Routes routes(cluster.fabric, routing_of("{name: spray, paths: 2}", cluster.fabric));
  std::map<LinkId, double> load;
  for (std::size_t a = 0; a < 16; ++a)
    for (std::size_t b = 0; b < 16; ++b) {
      const auto paths = paths_of(routes, a, b);
      CHECK(paths.size() == (a / 4 == b / 4 ? 1 : 2));
      for (const FoundPath& path : paths)
        for (const LinkId link : path.links)
          if (cluster.fabric.links()[link].tier == Tier::kSpine) load[link] += path.share;
    }
  CHECK(load.size() == 32);
  CHECK(heaviest(load) < 18);  // 12 if all were even
}

TEST_CASE("valiant goes by way of routers anywhere, and not at all where that can't help") {
  const Cluster cluster =
      cluster_of("{shape: dragonfly, groups: 9, routers: 4, blocks_per_router: 2, global_links: 2, " + kCable + "}");
  const Fabric& fabric = cluster.fabric;
  Routes routes(fabric, routing_of("{name: valiant, flows: 64}", fabric));
  CHECK(paths_of(routes, 0, 1).front().links.size() == 2);  // one router
  std::map<std::string, int> groups;                        // passed from group 0 to group 1
  for (const FoundPath& path : paths_of(routes, 0, 8))
    for (const LinkId link : path.links) {
      const std::string& name = fabric.vertices()[fabric.links()[link].to].name;
      if (name.starts_with("group")) ++groups[name.substr(0, 6)];
    }
  CHECK(groups.size() == 9);

  const Cluster rails = cluster_of("{shape: rail_fat_tree, nodes: 4, nodes_per_unit: 2, " + kCable +
                                   ", spine: {switches: 2}, " + kRailNode + "}");
  Routes inside(rails.fabric, routing_of("{name: valiant, flows: 16}", rails.fabric));
  for (const FoundPath& path : paths_of(inside, 0, 3))
    CHECK(names_along(rails.fabric, path.links) == "node0/chip0 > node0/nvswitch0 > node0/chip3");
}

TEST_CASE("valiant on a ring goes by way of chips") {
  const Cluster cluster = cluster_of("{shape: ring, blocks: 8, " + kCable + "}");
  Routes routes(cluster.fabric, routing_of("{name: valiant, flows: 64}", cluster.fabric));
  std::map<std::size_t, int> lengths;
  for (const FoundPath& path : paths_of(routes, 0, 1)) ++lengths[path.links.size()];
  // Either the one cable, or all the way round: what comes back is cut off.
  REQUIRE(lengths.size() == 2);
  CHECK(lengths.begin()->first == 1);
  CHECK(lengths.rbegin()->first == 7);
}

TEST_CASE("dimension_ordered takes the dimensions in the order given") {
  const Cluster cluster = cluster_of("{shape: torus, size: [4, 4], " + kCable + "}");
  const Fabric& fabric = cluster.fabric;
  const auto path = [&](std::string_view routing) {
    Routes routes(fabric, routing_of(routing, fabric));
    return names_along(fabric, paths_of(routes, 0, 5).front().links);
  };
  CHECK(path("dimension_ordered") == "chip0 > chip4 > chip5");
  CHECK(path("{name: dimension_ordered, order: [0, 1]}") == "chip0 > chip4 > chip5");
  CHECK(path("{name: dimension_ordered, order: [1, 0]}") == "chip0 > chip1 > chip5");
  CHECK(routing_error("{name: dimension_ordered, order: [1]}", fabric)
            .find("r.yaml:1:34: error: an order names every dimension once: 0 to 1, 2 of them") == 0);
  CHECK(routing_error("{name: dimension_ordered, order: [1, 1]}", fabric)
            .find("r.yaml:1:38: error: this dimension already has its place in the order") == 0);
  CHECK(routing_error("{name: dimension_ordered, order: [0, 2]}", fabric).find("must be between 0 and 1, not 2") !=
        std::string::npos);
}

TEST_CASE("rail_aligned changes rails inside the source's node") {
  const Cluster cluster = cluster_of("{shape: rail_fat_tree, nodes: 4, nodes_per_unit: 2, " + kCable +
                                     ", spine: {switches: 2}, " + kRailNode + "}");
  const Fabric& fabric = cluster.fabric;
  Routes routes(fabric, routing_of("rail_aligned", fabric));
  const auto path = [&](std::size_t from, std::size_t to) {
    return names_along(fabric, paths_of(routes, from, to).front().links);
  };
  CHECK(path(0, 3) == "node0/chip0 > node0/nvswitch0 > node0/chip3");
  CHECK(path(1, 4 + 1) == "node0/chip1 > node0/nic1 > unit0/leaf1 > node1/nic1 > node1/chip1");
  CHECK(path(0, 4 + 3) ==
        "node0/chip0 > node0/nvswitch0 > node0/chip3 > node0/nic3 > unit0/leaf3 > node1/nic3 > node1/chip3");
  // To another unit the spine carries it, from leaf 2 to leaf 2.
  const std::string across = path(0, 8 + 2);
  CHECK(across.find("> node0/chip2 > node0/nic2 > unit0/leaf2 > pod0/spine") != std::string::npos);
  CHECK(across.find(" > unit1/leaf2 > node2/nic2 > node2/chip2") != std::string::npos);
}

TEST_CASE("rail_aligned: where two chips share a NIC, either is on its rail") {
  const Cluster cluster = cluster_of("{shape: rail_only, nodes: 2, " + kCable +
                                     ", block: {shape: nvswitch_node, chips: 4, nics: 2, nvlink: {bandwidth: 300 GB/s, "
                                     "latency: 350 ns}, pcie: {bandwidth: 32 GB/s, latency: 600 ns}}}");
  Routes routes(cluster.fabric, routing_of("rail_aligned", cluster.fabric));
  const auto path = [&](std::size_t from, std::size_t to) {
    return names_along(cluster.fabric, paths_of(routes, from, to).front().links);
  };
  CHECK(path(1, 4).find("node0/chip1 > node0/nic0 > ") == 0);
  CHECK(path(0, 7).find("node0/chip0 > node0/nvswitch0 > node0/chip3 > node0/nic1 > ") == 0);
}

TEST_CASE("explicit: what is listed goes as listed, the rest is minimal") {
  const Cluster cluster = cluster_of(kTree);
  const Fabric& fabric = cluster.fabric;
  const std::string spine = "pod0/spine";
  Routes routes(fabric, routing_of("{name: explicit, routes: [{from: chip0, to: chip5, via: [" + spine +
                                       "2], share: 25 %}, {from: chip0, to: chip5, via: [" + spine +
                                       "3], share: 0.75}, {to: chip5, via: [" + spine + "1]}]}",
                                   fabric));
  const auto both = paths_of(routes, 0, 5);
  REQUIRE(both.size() == 2);
  CHECK(names_along(fabric, both[0].links).find(spine + "2") != std::string::npos);
  CHECK(both[0].share == 0.25);
  CHECK(names_along(fabric, both[1].links).find(spine + "3") != std::string::npos);
  CHECK(both[1].share == 0.75);
  CHECK(names_along(fabric, paths_of(routes, 9, 5).front().links).find(spine + "1") != std::string::npos);
  Routes minimal(fabric);
  CHECK(paths_of(routes, 0, 6) == paths_of(minimal, 0, 6));
}

TEST_CASE("explicit: unknown names, empty lists, shares that don't add up and ways back are refused") {
  const Cluster cluster = cluster_of(kTree);
  const Fabric& fabric = cluster.fabric;
  const auto error = [&](const std::string& routes) {
    return routing_error("{name: explicit, routes: [" + routes + "]}", fabric);
  };
  CHECK(error("{from: chip0, to: chip55}") ==
        "r.yaml:1:45: error: no chip is called 'chip55'; did you mean 'chip5'?\n"
        "  1 | {name: explicit, routes: [{from: chip0, to: chip55}]}\n"
        "    |                                             ^~~~~~\n"
        "  note: of 16, chip0 being one");
  CHECK(error("{from: chip0, to: chip5, via: [pod0/spin1]}").find("did you mean 'pod0/spine1'?") != std::string::npos);
  CHECK(error("{from: chip0, to: chip5, via: [chip0/hbm]}").find("no vertex is called 'chip0/hbm'") !=
        std::string::npos);
  CHECK(error("{from: pod0/spine0, to: chip5}").find("no chip is called 'pod0/spine0'") != std::string::npos);
  CHECK(error("{from: chip0, to: chip0}").find("a route leads from one chip to another") != std::string::npos);
  CHECK(error("").find("no route is listed: that is `minimal`") != std::string::npos);
  CHECK(error("{from: chip0, to: chip5, via: [chip9]}").find("this path would pass something twice") !=
        std::string::npos);
  CHECK(error("{from: chip0, to: chip5, share: 50 %}").find("add up to 0.5, not 1") != std::string::npos);
  CHECK(error("{from: chip0, to: chip5, share: 50 %}, {from: chip0, to: chip5}").find("either all give a share") !=
        std::string::npos);
  CHECK(error("{from: chip0, to: chip5, share: 0}").find("a path that takes no share is none") != std::string::npos);
  CHECK(routing_error("explicit", fabric).find("explicit routes are a list") != std::string::npos);
}

TEST_CASE("explicit: entries of one pair without shares are equal") {
  const Cluster cluster = cluster_of(kTree);
  Routes routes(cluster.fabric,
                routing_of("{name: explicit, routes: [{from: chip0, to: chip5, via: [pod0/spine0]}, {from: chip0, to: "
                           "chip5, via: [pod0/spine1]}]}",
                           cluster.fabric));
  const auto paths = paths_of(routes, 0, 5);
  REQUIRE(paths.size() == 2);
  CHECK(paths[0].share == 0.5);
  CHECK(paths[1].share == 0.5);
}

TEST_CASE("adaptive: flows avoid the links of those before them, keep their paths, and begin anew when told") {
  const Cluster cluster = cluster_of(kTree);
  // Whatever the permutation and its order: an uplink each.
  for (const std::size_t by : {4U, 8U, 12U})
    CHECK(heaviest(shares_on(cluster.fabric, "adaptive", Tier::kSpine, shift(16, by))) == 1);
  Routes routes(cluster.fabric, routing_of("adaptive", cluster.fabric));
  const auto first = paths_of(routes, 0, 5);
  const auto second = paths_of(routes, 1, 5);
  CHECK(first.front().links[1] != second.front().links[1]);
  CHECK(paths_of(routes, 0, 5) == first);
  CHECK(paths_of(routes, 1, 5) == second);
  const auto third = paths_of(routes, 0, 9);
  routes.forget();
  const auto alone = paths_of(routes, 0, 9);
  CHECK(paths_of(routes, 0, 9) == alone);
  CHECK(third != alone);
}

TEST_CASE("adaptive: detours where the shortest path is crowded") {
  const Cluster cluster =
      cluster_of("{shape: dragonfly, groups: 9, routers: 4, blocks_per_router: 2, global_links: 2, " + kCable + "}");
  const auto load = [&](std::string_view routing) {
    return std::max(heaviest(shares_on(cluster.fabric, routing, Tier::kCore, shift(72, 8))),
                    heaviest(shares_on(cluster.fabric, routing, Tier::kSpine, shift(72, 8))));
  };
  CHECK(load("minimal") == 6);
  CHECK(load("adaptive") < 6);
}

}  // namespace
}  // namespace orrery::test
