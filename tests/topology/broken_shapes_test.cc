// Parameters that no such shape can have, and the whole messages about them.
#include "tests/topology/fixture.h"

namespace orrery::test {
namespace {

std::string error_in(const std::string& shape, const std::string& keys) {
  return error_of("name: t\nsource: test\nchip: a100_sxm_80gb\nfabric:\n  shape: " + shape + "\n" + keys +
                  "  link: {bandwidth: 1 GB/s, latency: 1 us}\n");
}

TEST_CASE("dragonflies with more groups than cables, or cables left over") {
  CHECK(error_in("dragonfly", "  groups: 10\n  routers: 4\n  global_links: 2\n  blocks_per_router: 2\n") ==
        "bad.yaml:6:11: error: a group has 8 global cables, so there can be 9 groups at most, not 10\n"
        "  6 |   groups: 10\n"
        "    |           ^~");
  CHECK(
      error_in("dragonfly_plus", "  groups: 4\n  spines: 4\n  leaves: 4\n  global_links: 2\n  blocks_per_leaf: 2\n") ==
      "bad.yaml:6:11: error: a group has 8 global cables, which the 3 other groups can't share evenly\n"
      "  6 |   groups: 4\n"
      "    |           ^");
}

TEST_CASE("Slim Flies exist for powers of primes") {
  for (const char* q : {"6", "12", "15", "100"})
    CHECK(error_in("slim_fly", std::string("  q: ") + q + "\n") ==
          std::string("bad.yaml:6:6: error: ") + q + " isn't a power of a prime, which a Slim Fly needs\n  6 |   q: " +
              q + "\n    |      ^" + std::string(std::string(q).size() - 1, '~'));
  CHECK(error_in("slim_fly", "  q: 3\n") ==
        "bad.yaml:6:6: error: must be between 4 and 128, not 3\n"
        "  6 |   q: 3\n"
        "    |      ^");
}

TEST_CASE("a HyperX with a link too few") {
  CHECK(error_in("hyperx",
                 "  size: [4, 4]\n  blocks_per_switch: 1\n  switch_link: [{bandwidth: 1 GB/s, latency: 1 "
                 "us}]\n") ==
        "bad.yaml:8:16: error: 2 dimensions need one link each or one for all, not 1\n"
        "  8 |   switch_link: [{bandwidth: 1 GB/s, latency: 1 us}]\n"
        "    |                ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~");
}

TEST_CASE("a twist of sizes that aren't n and 2n") {
  const std::string message =
      "error: a torus is twisted where its sizes are n and 2n, as in [4, 4, 8] or [4, 8, 8], n at least 2\n"
      "  7 |   twist: true\n"
      "    |          ^~~~";
  for (const char* size : {"[4, 4, 4]", "[4, 8, 16]", "[4, 12]", "[1, 2]"})
    CHECK(error_in("torus", std::string("  size: ") + size + "\n  twist: true\n") == "bad.yaml:7:10: " + message);
  CHECK(error_in("torus", "  size: [4, 4]\n  twist: false\n").empty());
}

TEST_CASE("a slice that isn't whole cubes") {
  CHECK(error_in("cube_torus", "  size: [4, 4, 2]\n") ==
        "bad.yaml:6:16: error: 2 chips aren't whole cubes of 4\n"
        "  6 |   size: [4, 4, 2]\n"
        "    |                ^\n"
        "  note: a slice smaller than a cube has no wraparound: use the shape `mesh`");
}

TEST_CASE("rails that can't share the ports, and a rail that a switch can't hold") {
  CHECK(error_in("rail_only",
                 "  nodes: 4\n  rails: 3\n  block: {shape: ring, blocks: 4, link: {bandwidth: 1 GB/s, "
                 "latency: 1 us}}\n") ==
        "bad.yaml:7:10: error: a block has 4 ports, which 3 rails can't share evenly\n"
        "  7 |   rails: 3\n"
        "    |          ^");
  CHECK(error_in("rail_only", "  nodes: 65\n  radix: 64\n") ==
        "bad.yaml:7:10: error: a leaf switch needs 65 ports (65 down, 0 up), but the radix is 64\n"
        "  7 |   radix: 64\n"
        "    |          ^~");
}

TEST_CASE("core switches that spines or their cables can't share") {
  const std::string tree = "  nodes: 16\n  nodes_per_leaf: 4\n  units_per_pod: 2\n  spine: {switches: 2}\n";
  CHECK(error_in("fat_tree", tree + "  core: {switches: 3}\n") ==
        "bad.yaml:10:20: error: 3 core switches can't be shared evenly by the 2 spine switches of a group\n"
        "  10 |   core: {switches: 3}\n"
        "     |                    ^\n"
        "  note: spine switch i of every group is joined to the i-th share of the core switches");
  CHECK(error_in("fat_tree", tree + "  core: {switches: 6}\n") ==
        "bad.yaml:10:20: error: a spine switch has 4 cables up, which the 3 core switches of its share can't share "
        "evenly\n"
        "  10 |   core: {switches: 6}\n"
        "     |                    ^");
}

TEST_CASE("an NVLink rate that its planes can't share; racks without a second level") {
  const auto error = [](const std::string& keys) {
    return error_of(
        "name: t\nsource: test\nchip: a100_sxm_80gb\nfabric:\n  shape: nvlink_domain\n  trays: 2\n  "
        "chips_per_tray: 4\n  nvlink: {bandwidth: 1 GB/s, latency: 1 us}\n" +
        keys);
  };
  CHECK(error("  switch_planes: 3\n") ==
        "bad.yaml:9:18: error: 3 planes can't share 1.00 GB/s evenly\n"
        "  9 |   switch_planes: 3\n"
        "    |                  ^");
  CHECK(error("  racks: 2\n") ==
        "bad.yaml:5:3: error: the shape 'nvlink_domain' needs the key 'second'\n"
        "  5 |   shape: nvlink_domain\n"
        "    |   ^~~~~~~~~~~~~~~~~~~~");
  CHECK(error("  second: {}\n") ==
        "bad.yaml:9:3: error: the shape 'nvlink_domain' has no key 'second'\n"
        "  9 |   second: {}\n"
        "    |   ^~~~~~\n"
        "  note: keys: shape, racks, trays, chips_per_tray, switch_planes, nvlink");
}

TEST_CASE("servers that can't share their NICs or hosts, or offer none") {
  const auto error = [](const std::string& keys) {
    return error_of(
        "name: t\nsource: test\nchip: a100_sxm_80gb\nfabric:\n  shape: server\n  pcie: {bandwidth: 1 GB/s, "
        "latency: 1 us}\n  block: {shape: ring, blocks: 8, link: {bandwidth: 1 GB/s, latency: 1 us}}\n" +
        keys);
  };
  CHECK(error("  nics: 3\n") ==
        "bad.yaml:8:9: error: 8 chips can't share 3 NICs evenly: one number must divide the other\n"
        "  8 |   nics: 3\n"
        "    |         ^");
  CHECK(error("  hosts: 16\n") ==
        "bad.yaml:8:10: error: 8 chips can't share 16 hosts evenly\n"
        "  8 |   hosts: 16\n"
        "    |          ^~");
  CHECK(error("  ports: nics\n") ==
        "bad.yaml:8:10: error: there are no NICs to connect: `nics` is 0\n"
        "  8 |   ports: nics\n"
        "    |          ^~~~");
}

TEST_CASE("a cable longer than the Earth is round") {
  CHECK(
      error_of("name: t\nsource: test\nchip: a100_sxm_80gb\nfabric:\n  shape: ring\n  blocks: 2\n  link: {bandwidth: 1 "
               "GB/s, latency: 1 us, length: 40080 km}\n") ==
      "bad.yaml:7:52: error: a cable can't be longer than once round the Earth: 40075 km\n"
      "  7 |   link: {bandwidth: 1 GB/s, latency: 1 us, length: 40080 km}\n"
      "    |                                                    ^~~~~~~~");
}

TEST_CASE("sizes beyond all bounds are refused, not counted wrong") {
  for (const char* keys : {"  size: [16777216, 16777216, 16777216]\n  blocks_per_switch: 16777216\n",
                           "  size: []\n  blocks_per_switch: 1\n", "  size: [0]\n  blocks_per_switch: 1\n"})
    CHECK(!error_in("hyperx", keys).empty());
  CHECK(!error_in("dragonfly",
                  "  groups: 16777216\n  routers: 65536\n  global_links: 65536\n  blocks_per_router: "
                  "16777216\n")
             .empty());
  CHECK(!error_in("fat_tree", "  nodes: 16777216\n  nodes_per_leaf: 1\n  planes: 1024\n").empty());
  CHECK(!error_in("cube_torus", "  size: [16777216, 16777216, 16777216, 16777216]\n").empty());
}

}  // namespace
}  // namespace orrery::test
