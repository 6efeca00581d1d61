// What a survey finds on fabrics small enough to work out by hand, as text and as DOT.
#include "topology/survey.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/topology/fixture.h"
#include "topology/dot.h"

namespace orrery::test {
namespace {

const std::string kPod =
    "{shape: rail_fat_tree, nodes: 4, nodes_per_unit: 2, link: {bandwidth: 25 GB/s, latency: 200 ns, efficiency: 0.9}, "
    "spine: {switches: 1, oversubscription: 2}, block: {shape: nvswitch_node, chips: 2, nics: 2, nvlink: {bandwidth: "
    "300 "
    "GB/s, latency: 350 ns}, pcie: {bandwidth: 32 GB/s, latency: 600 ns}}}";

const Survey::Step& step(const Survey& survey, Tier tier, VertexKind to) {
  for (const Survey::Step& found : survey.steps)
    if (found.tier == tier && found.to == to) return found;
  FAIL("no such step");
  return survey.steps.front();
}

TEST_CASE("a small pod by hand") {
  const Survey found = survey(cluster_of(kPod));
  CHECK(found.chips == 8);
  CHECK(found.nodes == 4);
  CHECK(found.links == 8 * 2 + 8 * 2 + 8 * 2 * 2 + 8 * 2 + 4 * 2);
  CHECK(found.diameter.hops == 6);
  CHECK(found.precision == Precision::kBf16);
  CHECK(found.steps.size() == 6);
  CHECK(step(found, Tier::kHbm, VertexKind::kHbm).injection == 1000e9);
  CHECK(step(found, Tier::kHbm, VertexKind::kHbm).bytes_per_flop == doctest::Approx(1e12 / 100e12));
  CHECK(step(found, Tier::kScaleUp, VertexKind::kSwitch).injection == 300e9);
  CHECK(step(found, Tier::kHost, VertexKind::kNic).injection == 32e9);
  CHECK(step(found, Tier::kHost, VertexKind::kHost).injection == 32e9);
  CHECK(step(found, Tier::kRail, VertexKind::kSwitch).injection == 25e9);
  CHECK(step(found, Tier::kRail, VertexKind::kSwitch).efficiency == doctest::Approx(0.9));
  CHECK(step(found, Tier::kSpine, VertexKind::kSwitch).injection == 12.5e9);
  CHECK(step(found, Tier::kSpine, VertexKind::kSwitch).links == 4);
  REQUIRE(found.bisection);
  CHECK(found.bisection->bandwidth == 2 * 25e9);  // unit 0 has two leaves of one uplink each
}

TEST_CASE("in a torus both directions of a link are some chip's injection") {
  const Survey found = survey(cluster_of("{shape: torus, size: [4, 4], link: {bandwidth: 100 GB/s, latency: 500 ns}}"));
  CHECK(step(found, Tier::kScaleUp, VertexKind::kEngine).injection == 400e9);
  CHECK(step(found, Tier::kScaleUp, VertexKind::kEngine).links == 64);
}

TEST_CASE("large fabrics are sampled, and say so") {
  const Cluster cluster = cluster_of("{shape: ring, blocks: 1000, link: {bandwidth: 100 GB/s, latency: 500 ns}}");
  const Diameter part = diameter(cluster.fabric, 1000);
  CHECK(part.destinations == 16);
  CHECK(part.hops == 500);
  CHECK(diameter(cluster.fabric).destinations == 1000);
  Survey found = survey(cluster);
  found.diameter = part;
  CHECK(to_text(found).find("500 hops at least (from 16 of 1000 chips)") != std::string::npos);
}

TEST_CASE("the text of a survey") {
  const std::string text =
      to_text(survey(cluster_of("{shape: ring, blocks: 8, link: {bandwidth: 100 GB/s, latency: 1 us}}")));
  CHECK(text ==
        "t\n"
        "  test\n"
        "\n"
        "  chips      8 x Test chip in 1 node\n"
        "  vertices   8 engine, 8 hbm\n"
        "  links      32 one-way\n"
        "  diameter   4 hops (exact)\n"
        "  bisection  200 GB/s one way, 50.0 GB/s a chip of a half (maximum flow, chips 0-3 against 4-7; the least of "
        "3 of "
        "3 balanced splits by order)\n"
        "\n"
        "  outward, printed rates; bytes per FLOP at 100 TFLOP/s bf16 a chip\n"
        "  tier      to      kind            links        a chip  bytes/FLOP   FLOP/byte  achieved\n"
        "  hbm       hbm     on_package          8     1.00 TB/s        0.01         100     80.0%\n"
        "  scale_up  engine  nvlink             16      200 GB/s       0.002         500    100.0%\n");
}

TEST_CASE("DOT of two chips") {
  CHECK(to_dot(cluster_of("{shape: ring, blocks: 2, link: {bandwidth: 100 GB/s, latency: 1 us}}").fabric) ==
        "digraph fabric {\n"
        "  rankdir=BT;\n"
        "  node [fontsize=10];\n"
        "  edge [fontsize=8];\n"
        "  subgraph cluster_node0 {\n"
        "    label=\"node 0\";\n"
        "    v0 [shape=cylinder, label=\"chip0/hbm\"];\n"
        "    v1 [shape=box, label=\"chip0\"];\n"
        "    v2 [shape=cylinder, label=\"chip1/hbm\"];\n"
        "    v3 [shape=box, label=\"chip1\"];\n"
        "  }\n"
        "  v1 -> v0 [label=\"1.00 TB/s\", dir=both];\n"
        "  v3 -> v2 [label=\"1.00 TB/s\", dir=both];\n"
        "  v1 -> v3 [label=\"100 GB/s\", dir=both];\n"
        "}\n");
}

TEST_CASE("DOT of large fabrics draws nodes, and parallel cables once") {
  const std::string dot = to_dot(cluster_of(kPod).fabric, 10);
  CHECK(dot.find("label=\"node 3 (8 vertices)\"") != std::string::npos);
  CHECK(dot.find("chip0") == std::string::npos);
  CHECK(dot.find("label=\"unit0/leaf0\"") != std::string::npos);
}

TEST_CASE("Graphviz reads the DOT of every shape") {
  if (std::system("command -v dot >/dev/null 2>&1") != 0) {
    MESSAGE("skipped: Graphviz is not installed");
    return;
  }
  const std::string quoting =
      "{shape: explicit, vertices: [{name: 'a \"b\" \\', kind: chip}, {name: s, kind: switch}], link: {bandwidth: 1 "
      "GB/s, "
      "latency: 1 us}, links: [{from: 'a \"b\" \\', to: s, one_way: true}, {from: s, to: 'a \"b\" \\', one_way: "
      "true}]}";
  for (const std::string& fabric : {kPod, quoting}) {
    for (const std::size_t most : {std::size_t{1}, std::size_t{1000}}) {
      const std::filesystem::path file = std::filesystem::temp_directory_path() / "orrery_survey_test.dot";
      std::ofstream(file) << to_dot(cluster_of(fabric).fabric, most);
      CHECK(std::system(("dot -Tplain -o /dev/null '" + file.string() + "'").c_str()) == 0);
      std::filesystem::remove(file);
    }
  }
}

}  // namespace
}  // namespace orrery::test
