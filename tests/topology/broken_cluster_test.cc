// Broken cluster files and the whole messages that their writers see.
#include <fmt/format.h>

#include "tests/topology/fixture.h"
#include "topology/shapes/shape.h"

namespace orrery::test {
namespace {

std::string file(const std::string& fabric, const std::string& chip = "a100_sxm_80gb") {
  return "name: t\nsource: test\nchip: " + chip + "\nfabric:\n" + fabric;
}

// "a, b, c"
std::string listed(const std::vector<std::string>& names) { return fmt::format("{}", fmt::join(names, ", ")); }

TEST_CASE("an unknown chip") {
  CHECK(error_of(file("  {}\n", "a100_sxm_80bg")) ==
        "bad.yaml:3:7: error: no chip is called 'a100_sxm_80bg'; did you mean 'a100_sxm_80gb'?\n"
        "  3 | chip: a100_sxm_80bg\n"
        "    |       ^~~~~~~~~~~~~\n"
        "  note: chips: " +
            listed(library().names("topology/chips")));
}

TEST_CASE("an unknown shape") {
  CHECK(error_of(file("  shape: tourus\n  size: [4]\n")) ==
        "bad.yaml:5:10: error: no shape is called 'tourus'; did you mean 'torus'?\n"
        "  5 |   shape: tourus\n"
        "    |          ^~~~~~\n"
        "  note: shapes: " +
            listed(Shapes::names()));
}

TEST_CASE("no blocks") {
  CHECK(error_of(file("  shape: ring\n  blocks: 0\n  link: {bandwidth: 1 GB/s, latency: 1 us}\n")) ==
        "bad.yaml:6:11: error: must be between 1 and 16777216, not 0\n"
        "  6 |   blocks: 0\n"
        "    |           ^");
}

TEST_CASE("a million million nodes") {
  CHECK(error_of(file("  shape: ring\n  blocks: 1000000000000\n  link: {bandwidth: 1 GB/s, latency: 1 us}\n")) ==
        "bad.yaml:6:11: error: must be between 1 and 16777216, not 1000000000000\n"
        "  6 |   blocks: 1000000000000\n"
        "    |           ^~~~~~~~~~~~~");
}

TEST_CASE("more links than are built") {
  CHECK(error_of(file("  shape: fully_connected\n  blocks: 100000\n  link: {bandwidth: 1 GB/s, latency: 1 us}\n")) ==
        "bad.yaml:5:3: error: this fabric has 10000100000 links; at most 8000000 are built\n"
        "  5 |   shape: fully_connected\n"
        "    |   ^~~~~~~~~~~~~~~~~~~~~~");
  CHECK(error_of(file("  shape: torus\n  size: [16777216, 16777216, 16777216, 16777216]\n  link: {bandwidth: 1 GB/s, "
                      "latency: 1 us}\n")) ==
        "bad.yaml:5:3: error: this fabric has over 10^18 links; at most 8000000 are built\n"
        "  5 |   shape: torus\n"
        "    |   ^~~~~~~~~~~~");
}

TEST_CASE("a bare number where a unit belongs") {
  CHECK(error_of(file("  shape: ring\n  blocks: 4\n  link: {bandwidth: 100, latency: 1 us}\n")) ==
        "bad.yaml:7:21: error: expected a bandwidth such as '450 GB/s': '100' has no unit\n"
        "  7 |   link: {bandwidth: 100, latency: 1 us}\n"
        "    |                     ^~~\n"
        "  note: units of bandwidth: B/s, MB/s, GB/s, TB/s (bytes), Mb/s, Gb/s, Tb/s (bits)");
}

TEST_CASE("a key that a shape doesn't have") {
  CHECK(error_of(file("  shape: ring\n  blocks: 4\n  blok: chip\n  link: {bandwidth: 1 GB/s, latency: 1 us}\n")) ==
        "bad.yaml:7:3: error: the shape 'ring' has no key 'blok'; did you mean 'block'?\n"
        "  7 |   blok: chip\n"
        "    |   ^~~~\n"
        "  note: keys: shape, blocks, block, chips_per_node, link");
}

TEST_CASE("a key that is missing") {
  CHECK(error_of(file("  shape: ring\n  blocks: 4\n")) ==
        "bad.yaml:5:3: error: the shape 'ring' needs the key 'link'\n"
        "  5 |   shape: ring\n"
        "    |   ^~~~~~~~~~~");
}

TEST_CASE("chips that can't reach each other") {
  CHECK(error_of(file(
            "  shape: explicit\n  vertices:\n    - {name: a, kind: chip}\n    - {name: b, kind: chip}\n    - {name: "
            "s, kind: switch}\n  link: {bandwidth: 1 GB/s, latency: 1 us}\n  links:\n    - {from: a, to: s}\n    "
            "- {from: s, to: b, one_way: true}\n")) ==
        "bad.yaml:5:3: error: chip 'b' can't reach chip 'a': the fabric is not connected\n"
        "  5 |   shape: explicit\n"
        "    |   ^~~~~~~~~~~~~~~");
}

TEST_CASE("units that no spine joins") {
  CHECK(error_of(file("  shape: rail_fat_tree\n  nodes: 4\n  nodes_per_unit: 2\n  link: {bandwidth: 1 GB/s, latency: 1 "
                      "us}\n")) ==
        "bad.yaml:5:3: error: chip 'chip0' can't reach chip 'chip2': the fabric is not connected\n"
        "  5 |   shape: rail_fat_tree\n"
        "    |   ^~~~~~~~~~~~~~~~~~~~");
}

TEST_CASE("an oversubscription that leaves part of a cable") {
  CHECK(
      error_of(file("  shape: fat_tree\n  nodes: 8\n  nodes_per_leaf: 4\n  link: {bandwidth: 1 GB/s, latency: 1 us}\n  "
                    "spine: {switches: 1, oversubscription: 3}\n")) ==
      "bad.yaml:9:42: error: an oversubscription of 3 leaves each leaf switch 1.33333 cables up for its 4 down; that "
      "must be a whole number\n"
      "  9 |   spine: {switches: 1, oversubscription: 3}\n"
      "    |                                          ^");
}

TEST_CASE("spines that can't share the uplinks") {
  CHECK(
      error_of(file("  shape: fat_tree\n  nodes: 8\n  nodes_per_leaf: 4\n  link: {bandwidth: 1 GB/s, latency: 1 us}\n  "
                    "spine: {switches: 3}\n")) ==
      "bad.yaml:9:21: error: a leaf switch has 4 cables up, which 3 spine switches can't share evenly\n"
      "  9 |   spine: {switches: 3}\n"
      "    |                     ^\n"
      "  note: `switches` counts the spine switches that one leaf reaches");
}

TEST_CASE("a radix that doesn't suffice") {
  CHECK(error_of(
            file("  shape: fat_tree\n  nodes: 8\n  nodes_per_leaf: 4\n  radix: 7\n  link: {bandwidth: 1 GB/s, latency: "
                 "1 us}\n  spine: {switches: 2}\n")) ==
        "bad.yaml:8:10: error: a leaf switch needs 8 ports (4 down, 4 up), but the radix is 7\n"
        "  8 |   radix: 7\n"
        "    |          ^");
}

TEST_CASE("a link to nowhere") {
  CHECK(error_of(file("  shape: explicit\n  vertices: [{name: left, kind: chip}, {name: right, kind: chip}]\n  link: "
                      "{bandwidth: 1 GB/s, latency: 1 us}\n  links: [{from: left, to: rihgt}]\n")) ==
        "bad.yaml:8:28: error: no vertex is called 'rihgt'; did you mean 'right'?\n"
        "  8 |   links: [{from: left, to: rihgt}]\n"
        "    |                            ^~~~~");
}

TEST_CASE("two vertices of one name, a port that isn't there, a loop, no chip at all") {
  CHECK(error_of(file("  shape: explicit\n  vertices: [{name: a, kind: chip}, {name: a, kind: switch}]\n")) ==
        "bad.yaml:6:44: error: a vertex called 'a' is already listed\n"
        "  6 |   vertices: [{name: a, kind: chip}, {name: a, kind: switch}]\n"
        "    |                                            ^");
  CHECK(error_of(
            file("  shape: explicit\n  vertices:\n    - {name: r, block: {shape: ring, blocks: 3, link: {bandwidth: 1 "
                 "GB/s, latency: 1 us}}}\n    - {name: a, kind: chip}\n  link: {bandwidth: 1 GB/s, latency: 1 us}\n  "
                 "links: [{from: a, to: r.3}]\n")) ==
        "bad.yaml:10:25: error: 'r' has ports 0 to 2, not '3'\n"
        "  10 |   links: [{from: a, to: r.3}]\n"
        "     |                         ^~~");
  CHECK(error_of(file(
            "  shape: explicit\n  vertices: [{name: a, kind: chip}]\n  link: {bandwidth: 1 GB/s, latency: 1 us}\n  "
            "links: [{from: a, to: a}]\n")) ==
        "bad.yaml:8:25: error: a link can't lead back to where it starts\n"
        "  8 |   links: [{from: a, to: a}]\n"
        "    |                         ^");
  CHECK(error_of(file("  shape: explicit\n  vertices: [{name: s, kind: switch}]\n")) ==
        "bad.yaml:6:13: error: a fabric needs at least one chip\n"
        "  6 |   vertices: [{name: s, kind: switch}]\n"
        "    |             ^~~~~~~~~~~~~~~~~~~~~~~~~");
}

TEST_CASE("NICs that chips can't share") {
  CHECK(error_of(
            file("  shape: nvswitch_node\n  chips: 8\n  nics: 3\n  nvlink: {bandwidth: 1 GB/s, latency: 1 us}\n  pcie: "
                 "{bandwidth: 1 GB/s, latency: 1 us}\n")) ==
        "bad.yaml:7:9: error: 8 chips can't share 3 NICs evenly: one number must divide the other\n"
        "  7 |   nics: 3\n"
        "    |         ^");
}

TEST_CASE("more chips than there are") {
  CHECK(error_of(file("  shape: ring\n  blocks: 4\n  link: {bandwidth: 1 GB/s, latency: 1 us}\n"), 5) ==
        "bad.yaml:6:11: error: 5 chips are wanted, but this cluster holds 4\n"
        "  6 |   blocks: 4\n"
        "    |           ^\n"
        "  note: 5 would hold them");
}

TEST_CASE("numbers out of all bounds") {
  for (const char* link :
       {"{bandwidth: 0 GB/s, latency: 1 us}", "{bandwidth: -1 GB/s, latency: 1 us}", "{bandwidth: .nan, latency: 1 us}",
        "{bandwidth: 1e300 GB/s, latency: 1 us}", "{bandwidth: 9223372036854775808 B/s, latency: 1 us}",
        "{bandwidth: 1 GB/s, latency: 2 s}", "{bandwidth: 1 GB/s, latency: -1 ns}",
        "{bandwidth: 1 GB/s, latency: 1 us, efficiency: 0}", "{bandwidth: 1 GB/s, latency: 1 us, efficiency: 1.5}",
        "{bandwidth: 1 GB/s, latency: 1 us, tier: hbm}", "{bandwidth: 1 GB/s, latency: 1 us, kind: on_package}",
        "{bandwidth: 1 GB/s, latency: 1 us, energy_per_byte: -1 pJ}", "{bandwidth: 1 GB/s, latency: 1 us, source: ''}",
        "[]", "1", "~"}) {
    CAPTURE(link);
    CHECK(!error_of(file(std::string("  shape: ring\n  blocks: 4\n  link: ") + link + "\n")).empty());
  }
  for (const char* text :
       {"", "~", "[]", "name: t\n", "name: t\nsource: ''\nchip: h100_sxm\nfabric: chip\n",
        "name: t\nsource: s\nchip: h100_sxm\nfabric: chips\n", "name: t\nsource: s\nchip: h100_sxm\nfabric: []\n",
        "name: t\nsource: s\nchip: h100_sxm\nfabric: chip\npue: 0.9\n",
        "name: t\nsource: s\nchip: h100_sxm\nfabric: chip\nnode_overhead: -1 W\n",
        "name: t\nsource: s\nchip: h100_sxm\nfabric: {shape: torus, size: []}\n",
        "name: t\nsource: s\nchip: h100_sxm\nfabric: {shape: torus, size: [1,1,1,1,1,1,1,1,1]}\n"}) {
    CAPTURE(text);
    CHECK(!error_of(text).empty());
  }
}

TEST_CASE("limits are kept to the last link") {
  // A ring of eight: 16 one-way links and 16 on packages, 16 vertices.
  const std::string ring = file("  shape: ring\n  blocks: 8\n  link: {bandwidth: 1 GB/s, latency: 1 us}\n");
  CHECK(error_of(ring, 0, {16, 32}).empty());
  CHECK(!error_of(ring, 0, {15, 32}).empty());
  CHECK(!error_of(ring, 0, {16, 31}).empty());
}

}  // namespace
}  // namespace orrery::test
