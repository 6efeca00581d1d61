// Colours of small fabrics by hand, and maximum flows between colours against those between vertices.
#include "topology/colouring.h"

#include <fmt/format.h>
#include <rapidcheck.h>

#include <queue>

#include "tests/topology/shape_check.h"

namespace orrery::test {
namespace {

Colouring by_kind(const Fabric& fabric) {
  Colouring start;
  start.count = 5;
  for (const Vertex& vertex : fabric.vertices()) start.colours.push_back(static_cast<std::uint32_t>(vertex.kind));
  return start;
}

TEST_CASE("a ring has one colour of engines; a line of five has three; a fat tree one for each tier") {
  const auto colours = [](const std::string& shape) {
    const Cluster cluster = cluster_of(shape);
    return refine(cluster.fabric, by_kind(cluster.fabric)).count;
  };
  CHECK(colours("{shape: ring, blocks: 8, " + kLink + "}") == 1 + 1);  // HBM besides
  CHECK(colours("{shape: mesh, size: [5], " + kLink + "}") == 1 + 3);
  CHECK(colours("{shape: fat_tree, nodes: 16, nodes_per_leaf: 4, units_per_pod: 2, " + kLink +
                ", spine: {switches: 2}, core: {switches: 4}}") == 1 + 1 + 3);
}

TEST_CASE("bandwidth to a colour counts, not the number of cables") {
  const Cluster cluster = cluster_of(
      "{shape: explicit, vertices: [{name: a, kind: chip}, {name: b, kind: chip}, {name: s, kind: switch}], links: ["
      "{from: a, to: s, bandwidth: 2 GB/s, latency: 1 us}, {from: b, to: s, bandwidth: 1 GB/s, latency: 1 us}, "
      "{from: b, to: s, bandwidth: 1 GB/s, latency: 1 us}]}");
  const Colouring found = refine(cluster.fabric, by_kind(cluster.fabric));
  CHECK(found.colours[cluster.fabric.engine(ChipId(0)).index()] ==
        found.colours[cluster.fabric.engine(ChipId(1)).index()]);
}

// By Edmonds and Karp on a dense matrix, each chip of the near side a source without limit.
double plain_flow(const Fabric& fabric, const std::vector<bool>& side) {
  const std::size_t n = fabric.vertices().size() + 2;
  std::vector<std::vector<double>> residual(n, std::vector<double>(n, 0));
  for (const Link& link : fabric.links())
    if (link.tier != Tier::kHbm) residual[link.from.index()][link.to.index()] += link.bandwidth.as_double();
  for (std::size_t chip = 0; chip < fabric.chip_count(); ++chip) {
    const std::size_t engine = fabric.engine(ChipId(chip)).index();
    (side[chip] ? residual[engine][n - 1] : residual[n - 2][engine]) = 1e18;
  }
  double flow = 0;
  while (true) {
    std::vector<std::size_t> before(n, n);
    std::queue<std::size_t> queue({n - 2});
    before[n - 2] = n - 2;
    while (!queue.empty() && before[n - 1] == n) {
      const std::size_t v = queue.front();
      queue.pop();
      for (std::size_t w = 0; w < n; ++w)
        if (before[w] == n && residual[v][w] > 0) {
          before[w] = v;
          queue.push(w);
        }
    }
    if (before[n - 1] == n) return flow;
    double most = 1e18;
    for (std::size_t v = n - 1; v != n - 2; v = before[v]) most = std::min(most, residual[before[v]][v]);
    for (std::size_t v = n - 1; v != n - 2; v = before[v]) {
      residual[before[v]][v] -= most;
      residual[v][before[v]] += most;
    }
    flow += most;
  }
}

TEST_CASE("the maximum flow between colours is the maximum flow between vertices") {
  CHECK(rc::check("random fabrics and halves", [] {
    const std::string link = "link: {bandwidth: 6 GB/s, latency: 1 us}";
    const std::vector<std::string> regular = {
        "{shape: fat_tree, nodes: 8, nodes_per_leaf: 2, units_per_pod: 2, " + link +
            ", spine: {switches: 2}, core: {switches: 2, oversubscription: 2}}",
        "{shape: hyperx, size: [2, 3], blocks_per_switch: 2, " + link + "}",
        "{shape: dragonfly, groups: 3, routers: 2, global_links: 1, blocks_per_router: 1, " + link + "}",
        "{shape: rail_only, nodes: 3, " + link +
            ", block: {shape: nvswitch_node, chips: 2, nics: 2, nvlink: {bandwidth: 9 "
            "GB/s, latency: 1 us}, pcie: {bandwidth: 5 GB/s, latency: 1 us}}}"};
    std::string fabric = *rc::gen::elementOf(regular);
    if (*rc::gen::arbitrary<bool>()) {
      std::string links;
      for (int i = 0; i < 8; ++i)
        links += fmt::format("{{from: v{}, to: v{}, {}}}, ", i, i / 2 + 8, "bandwidth: 1 GB/s, latency: 1 us");
      const auto more = *rc::gen::inRange(0, 12);
      for (int i = 0; i < more; ++i) {
        const auto a = *rc::gen::inRange(0, 12);
        const auto b = *rc::gen::inRange(0, 12);
        if (a != b)
          links += fmt::format("{{from: v{}, to: v{}, one_way: true, bandwidth: {} GB/s, latency: 1 us}}, ", a, b,
                               *rc::gen::inRange(1, 3));
      }
      std::string vertices;
      for (int i = 0; i < 12; ++i) vertices += fmt::format("{{name: v{}, kind: {}}}, ", i, i < 8 ? "chip" : "switch");
      for (int i = 8; i < 11; ++i)
        links += fmt::format("{{from: v{}, to: v{}, bandwidth: 2 GB/s, latency: 1 us}}, ", i, i + 1);
      fabric = fmt::format("{{shape: explicit, vertices: [{}], links: [{}]}}", vertices, links);
    }
    const Cluster cluster = cluster_of(fabric);
    std::vector<bool> side;
    for (std::size_t chip = 0; chip < cluster.fabric.chip_count(); ++chip) side.push_back(*rc::gen::arbitrary<bool>());
    RC_ASSERT(flow_between(cluster.fabric, side) == plain_flow(cluster.fabric, side));
  }));
}

}  // namespace
}  // namespace orrery::test
