// What real machines print: each format's sample by hand, and what is said of broken ones.
#include "topology/imports/import.h"

#include <fmt/format.h>

#include <initializer_list>

#include "tests/topology/shape_check.h"
#include "topology/imports/pcie.h"
#include "topology/routes.h"

namespace orrery::test {
namespace {

SourceText sample(const std::string& name) {
  return {name, read_file(std::string(ORRERY_SOURCE_DIR) + "/scenarios/imports/" + name, kMostImportedBytes)};
}

Cluster cluster_from(const Imported& imported) {
  return read_cluster(library(), yaml::parse(cluster_text(imported, "t", "test", "a100_sxm_80gb"), "t.yaml"));
}

std::string import_error(const std::string& text, std::string_view format = "") {
  try {
    static_cast<void>(read_import(SourceText("bad", text), format));
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

VertexId vertex(const Fabric& fabric, std::string_view name) {
  for (std::size_t v = 0; v < fabric.vertices().size(); ++v)
    if (fabric.vertices()[VertexId(v)].name == name) return VertexId(v);
  FAIL("no such vertex");
  return {};
}

// Bytes a second of the cables from one vertex to another.
double rate_between(const Fabric& fabric, std::string_view from, std::string_view to) {
  double sum = 0;
  for (const Link& link : fabric.links())
    if (link.from == vertex(fabric, from) && link.to == vertex(fabric, to)) sum += link.bandwidth.as_double();
  return sum;
}

TEST_CASE("PCIe: printed transfers, lanes and the line code") {
  CHECK(pcie_bandwidth(2.5, 16).as_double() == doctest::Approx(4e9));
  CHECK(pcie_bandwidth(8, 16).as_double() == doctest::Approx(15.754e9).epsilon(1e-4));
  CHECK(pcie_bandwidth(16, 16).as_double() == doctest::Approx(31.508e9).epsilon(1e-4));
  CHECK(pcie_bandwidth(32, 16).as_double() == doctest::Approx(63.015e9).epsilon(1e-4));
  CHECK(pcie_bandwidth(64, 16).as_double() == doctest::Approx(121e9).epsilon(1e-4));
  CHECK(pcie_bandwidth(1e300, 1e300) == pcie_bandwidth(64, 64));
}

TEST_CASE("nccl: two GPUs on NVSwitches, a NIC beside one of them") {
  const Imported imported = read_import(sample("two_gpus.nccl.xml"));
  const Cluster cluster = cluster_from(imported);
  const Fabric& fabric = cluster.fabric;
  CHECK(fabric.chip_count() == 2);
  CHECK(fabric.node_count() == 1);
  CHECK(count(fabric, VertexKind::kSwitch) == 1);  // all NVSwitches
  CHECK(count(fabric, VertexKind::kHost) == 2 + 1);
  CHECK(rate_between(fabric, "gpu0", "nvswitch") == 12 * 25e9);
  CHECK(rate_between(fabric, "gpu1", "nvswitch") == 12 * 25e9);
  CHECK(rate_between(fabric, "gpu0", "pci_0000:10:00.0") == pcie_bandwidth(16, 16).as_double());
  CHECK(rate_between(fabric, "pci_0000:10:00.0", "cpu0") == pcie_bandwidth(16, 16).as_double());
  CHECK(rate_between(fabric, "gpu1", "cpu1") == pcie_bandwidth(8, 8).as_double());
  CHECK(rate_between(fabric, "mlx5_0", "pci_0000:10:00.0") > 0);
  CHECK(rate_between(fabric, "cpu0", "cpu1") == 20.8e9);
  Routes routes(fabric);
  CHECK(routes.route(ChipId(0), ChipId(1)).size() == 2);  // through the NVSwitches, not the processors
  CHECK(imported.ports.size() == 1);
}

TEST_CASE("nccl: NVLink cables between GPUs count once, and PCIe that prints nothing is assumed") {
  const Imported imported = read_import(sample("four_gpus_direct.nccl.xml"));
  const Cluster cluster = cluster_from(imported);
  const Fabric& fabric = cluster.fabric;
  CHECK(fabric.chip_count() == 4);
  CHECK(count(fabric, Tier::kScaleUp) == 2 * 4);
  CHECK(rate_between(fabric, "gpu0", "gpu1") == 50e9);
  CHECK(rate_between(fabric, "gpu0", "gpu2") == 25e9);
  CHECK(rate_between(fabric, "gpu0", "cpu0") == pcie_bandwidth(8, 16).as_double());
  Routes routes(fabric);
  const auto route = routes.route(ChipId(0), ChipId(3));
  REQUIRE(route.size() == 2);  // over a GPU between them
  CHECK(fabric.vertices()[fabric.links()[route[0]].to].kind == VertexKind::kEngine);
  const std::string text = cluster_text(imported, "t", "test", "v100_sxm_32gb");
  CHECK(text.find("# - PCIe devices that print no speed run at 8 GT/s, as NCCL takes them to do.\n") !=
        std::string::npos);
}

TEST_CASE("hwloc: bridges with one device are passed over, a display adapter isn't a chip") {
  Imported imported = read_import(sample("two_gpus.hwloc.xml"));
  add_scale_up(imported, Bandwidth::bytes_per_second(300'000'000'000));
  const Cluster cluster = cluster_from(imported);
  const Fabric& fabric = cluster.fabric;
  CHECK(fabric.chip_count() == 2);
  CHECK(count(fabric, VertexKind::kHost) == 1 + 2 + 1);  // machine, packages, the PCIe switch
  CHECK(rate_between(fabric, "cuda0", "pci_0000:00:01.0") == doctest::Approx(31.507692e9));
  CHECK(rate_between(fabric, "mlx5_0", "pci_0000:00:01.0") == doctest::Approx(31.507692e9));
  CHECK(rate_between(fabric, "pci_0000:91:00.0", "package1") == pcie_bandwidth(8, 16).as_double());
  CHECK(rate_between(fabric, "cuda0", "scale_up0") == 300e9);
}

TEST_CASE("ibnetdiscover: cables count once, hosts gather their adapters, SHARP is left out") {
  const Imported imported = read_import(sample("two_leaves.ibnetdiscover.txt"));
  const Cluster cluster = cluster_from(imported);
  const Fabric& fabric = cluster.fabric;
  CHECK(fabric.chip_count() == 3);
  CHECK(fabric.node_count() == 2);
  CHECK(count(fabric, VertexKind::kSwitch) == 3);
  CHECK(count(fabric, VertexKind::kNic) == 3);
  CHECK(count(fabric, Tier::kRail) == 2 * 3);
  CHECK(count(fabric, Tier::kSpine) == 2 * 3);
  CHECK(rate_between(fabric, "node1/mlx5_0", "leaf1") == 25e9);
  CHECK(rate_between(fabric, "node2/mlx5_0", "leaf2") == 12.5e9);
  CHECK(rate_between(fabric, "leaf1", "spine1") == 50e9);  // two cables
  Routes routes(fabric);
  CHECK(routes.route(ChipId(0), ChipId(2)).size() == 6);
}

TEST_CASE("a fabric of nodes goes back and forth: what is written is what is read") {
  for (const char* name : {"two_gpus.nccl.xml", "two_gpus.hwloc.xml", "two_leaves.ibnetdiscover.txt"}) {
    const Imported imported = read_import(sample(name));
    const Cluster cluster = cluster_from(imported);
    std::size_t chips = 0;
    for (const ImportedVertex& each : imported.vertices) chips += each.kind == VertexKind::kEngine ? 1U : 0U;
    CHECK(cluster.fabric.vertices().size() == imported.vertices.size() + chips);
    CHECK(cluster.fabric.links().size() == 2 * (imported.cables.size() + chips));
  }
}

TEST_CASE("imported: a node that was printed stands where a shape may stand, its NICs are its ports") {
  const std::string folder = std::string(ORRERY_SOURCE_DIR) + "/scenarios/imports/";
  const Cluster cluster = cluster_of("{shape: rail_only, nodes: 3, " + kLink +
                                     ", block: {shape: imported, file: " + folder + "two_gpus.nccl.xml}}");
  CHECK(cluster.fabric.chip_count() == 6);
  CHECK(cluster.fabric.node_count() == 3);
  CHECK(count(cluster.fabric, Tier::kRail) == 2 * 3);
  CHECK(cluster.fabric.vertices()[cluster.fabric.engine(ChipId(5))].name == "node2/gpu1");
  const Cluster joined =
      cluster_of("{shape: imported, format: hwloc, scale_up: 300 GB/s, file: " + folder + "two_gpus.hwloc.xml}");
  CHECK(rate_between(joined.fabric, "cuda0", "scale_up0") == 300e9);
  CHECK_THROWS_WITH_AS(
      cluster_of("{shape: imported, format: hwloc, file: " + folder + "two_gpus.nccl.xml}"),
      doctest::Contains("two_gpus.nccl.xml:1:2: error: the outermost element is <system>, not <topology>"), InputError);
  CHECK_THROWS_AS(cluster_of("{shape: imported, file: nowhere.xml}"), InputError);
}

TEST_CASE("names that YAML would take for something else, and names that are there twice") {
  Imported imported;
  for (const char* name : {"null", "12", "a: b", "\"", "\\", "#", "a.0", "x", "x", "", "é", "~"})
    imported.add(name, VertexKind::kEngine, 0);
  for (std::size_t i = 1; i < imported.vertices.size(); ++i)
    imported.join(0, i, pcie_link(Bandwidth::bytes_per_second(1)));
  const Cluster cluster = cluster_from(imported);
  CHECK(cluster.fabric.chip_count() == 12);
  CHECK(cluster.fabric.vertices()[cluster.fabric.engine(ChipId(2))].name == "a: b");
}

TEST_CASE("broken XML: where, and what") {
  CHECK(import_error("<system>\n  <cpu numaid=0/>\n</system>\n") ==
        "bad:2:15: error: this isn't well-formed XML: Error parsing element attribute\n"
        "  2 |   <cpu numaid=0/>\n"
        "    |               ^");
  CHECK(import_error("<system>\n  <cpu numaid='zero'/>\n</system>\n") ==
        "bad:2:4: error: the attribute 'numaid' must be a whole number between -1 and 1048576, not 'zero'\n"
        "  2 |   <cpu numaid='zero'/>\n"
        "    |    ^~~");
  CHECK(import_error("<system>\n  <cpu numaid='0'>\n    <pci class='0x030200'/>\n  </cpu>\n</system>\n") ==
        "bad:3:6: error: <pci> needs the attribute 'busid'\n"
        "  3 |     <pci class='0x030200'/>\n"
        "    |      ^~~");
  CHECK(import_error("<system version='1'/>") == "bad: error: there are no chips in it: nothing would compute");
  CHECK(import_error("<topology/>", "nccl") ==
        "bad:1:2: error: the outermost element is <topology>, not <system>\n"
        "  1 | <topology/>\n"
        "    |  ^~~~~~~~");
}

TEST_CASE("broken ibnetdiscover: where, and what") {
  const std::string node = "Switch\t4 \"S-1\"\t# \"leaf\" base port 0\n";
  CHECK(import_error("[1]\t\"S-1\"[2]\t# 4xHDR\n", "ibnetdiscover") ==
        "bad:1:2: error: a port stands under the node that it belongs to, but no node is listed yet\n"
        "  1 | [1] \"S-1\"[2] # 4xHDR\n"
        "    |  ^~~~~~~~~~~~~~~~~~~");
  CHECK(import_error(node + "[1]\t\"H-1\"[2]\t# \"node\" lid 1\n", "ibnetdiscover") ==
        "bad:2:13: error: the line doesn't say how fast the cable is, as in `4xHDR`\n"
        "  2 | [1] \"H-1\"[2] # \"node\" lid 1\n"
        "    |             ^~~~~~~~~~~~~~~");
  CHECK(import_error(node + "[1]\t\"H-1\"[2]\t# \"node\" 4xHDR\n", "ibnetdiscover") ==
        "bad:2:6: error: the node 'H-1' is listed nowhere\n"
        "  2 | [1] \"H-1\"[2] # \"node\" 4xHDR\n"
        "    |      ^~~");
  CHECK(import_error(node + node, "ibnetdiscover") ==
        "bad:2:11: error: the node 'S-1' is already listed\n"
        "  2 | Switch 4 \"S-1\" # \"leaf\" base port 0\n"
        "    |           ^~~");
  CHECK(import_error("Switch\tmany\n", "ibnetdiscover") ==
        "bad:1:8: error: expected how many ports the node has\n"
        "  1 | Switch many\n"
        "    |        ^~~~");
}

TEST_CASE("a text in no format, and a format that doesn't exist") {
  CHECK(import_error("hello\n") ==
        "bad: error: this is in no format that can be imported\n"
        "  note: formats: hwloc, ibnetdiscover, nccl");
  CHECK(import_error("hello\n", "nvcl") == "bad: error: no format is called 'nvcl'; did you mean 'nccl'?");
}

TEST_CASE("hostile texts are refused before they cost anything") {
  std::string deep = "<topology>";
  for (int i = 0; i < 200'000; ++i) deep += "<object>";
  CHECK(import_error(deep, "hwloc").find("well-formed") != std::string::npos);  // never closed
  for (int i = 0; i < 200'000; ++i) deep += "</object>";
  CHECK(import_error(deep + "</topology>", "hwloc").find("nested more than 64 deep") != std::string::npos);
  std::string many = "<system>";
  for (int i = 0; i < 1000; ++i) many += "<cpu numaid='0'/>";
  CHECK(import_error(many + "</system>").find("one host has more than 256 processors") != std::string::npos);
  std::string links = "<system><cpu numaid='0'><pci busid='1'><gpu dev='0' sm='90'>";
  for (int i = 0; i < 3; ++i) links += "<nvlink target='x' count='1024' tclass='0x068000'/>";
  CHECK(import_error(links + "</gpu></pci></cpu></system>").find("one GPU has more than 1024 links") !=
        std::string::npos);
  CHECK(import_error("<system><cpu numaid='0'><pci busid='1'><gpu dev='0' sm='90'><nvlink target='x' "
                     "count='9223372036854775807' tclass='0x068000'/></gpu></pci></cpu></system>")
            .find("whole number between 0 and 1024") != std::string::npos);
}

}  // namespace
}  // namespace orrery::test
