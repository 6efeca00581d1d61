// Writes DOT: finds out what belongs to which node, merges parallel cables, quotes names.
#include "topology/dot.h"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <limits>
#include <map>
#include <string_view>
#include <tuple>
#include <vector>

namespace orrery {
namespace {

constexpr std::uint32_t kNoNode = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t kManyNodes = kNoNode - 1;

// The node of each vertex: chips know theirs; anything else belongs to a node if all its links lead to that node's
// chips or to network switches' side of a NIC.
std::vector<std::uint32_t> nodes_of(const Fabric& fabric) {
  std::vector<std::uint32_t> nodes(fabric.vertices().size(), kNoNode);
  for (std::size_t v = 0; v < nodes.size(); ++v) {
    const Vertex& vertex = fabric.vertices()[VertexId(v)];
    if (vertex.chip.valid()) nodes[v] = fabric.node_of(vertex.chip);
  }
  const auto see = [&](VertexId at, VertexId other) {
    const VertexKind kind = fabric.vertices()[at].kind;
    if (kind == VertexKind::kEngine || kind == VertexKind::kHbm) return;
    const Vertex& neighbour = fabric.vertices()[other];
    std::uint32_t& node = nodes[at.index()];
    if (neighbour.kind == VertexKind::kEngine) {
      const std::uint32_t its = fabric.node_of(neighbour.chip);
      node = node == kNoNode || node == its ? its : kManyNodes;
    } else if (kind == VertexKind::kSwitch) {
      node = kManyNodes;
    }
  };
  for (const Link& link : fabric.links()) {
    see(link.from, link.to);
    see(link.to, link.from);
  }
  for (std::uint32_t& node : nodes)
    if (node == kManyNodes) node = kNoNode;
  return nodes;
}

std::string quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out + '"';
}

constexpr std::array<std::string_view, 5> kShapes = {"box", "cylinder", "component", "ellipse", "house"};

// What is drawn between two drawn vertices: as many equal cables or links as there are.
struct Drawn {
  std::size_t from = 0;
  std::size_t to = 0;
  bool both_ways = false;
  Bandwidth bandwidth;
  std::size_t count = 0;
};

std::vector<Drawn> drawn_links(const Fabric& fabric, const std::vector<std::size_t>& drawn_as) {
  std::vector<Drawn> drawn;
  std::map<std::tuple<std::size_t, std::size_t, bool, std::int64_t>, std::size_t> place;
  const std::span<const Link> links = fabric.links().rows();
  for (std::size_t i = 0; i < links.size(); ++i) {
    const Link& link = links[i];
    const std::size_t from = drawn_as[link.from.index()];
    const std::size_t to = drawn_as[link.to.index()];
    const bool both_ways = i + 1 < links.size() && links[i + 1].from == link.to && links[i + 1].to == link.from &&
                           links[i + 1].bandwidth == link.bandwidth;
    if (both_ways) ++i;
    if (from == to) continue;
    const auto [found, is_new] =
        place.try_emplace({from, to, both_ways, link.bandwidth.bytes_per_second()}, drawn.size());
    if (is_new) drawn.push_back({from, to, both_ways, link.bandwidth, 0});
    ++drawn[found->second].count;
  }
  return drawn;
}

}  // namespace

std::string to_dot(const Fabric& fabric, std::size_t most_vertices) {
  const std::vector<std::uint32_t> nodes = nodes_of(fabric);
  const bool whole = nodes.size() <= most_vertices;
  std::string text = "digraph fabric {\n  rankdir=BT;\n  node [fontsize=10];\n  edge [fontsize=8];\n";
  const auto out = std::back_inserter(text);

  // Vertex v is drawn as itself, or as its node's box: then as vertex_count + node.
  std::vector<std::size_t> drawn_as(nodes.size());
  std::vector<std::vector<std::size_t>> members(fabric.node_count());
  for (std::size_t v = 0; v < nodes.size(); ++v) {
    drawn_as[v] = whole || nodes[v] == kNoNode ? v : nodes.size() + nodes[v];
    if (nodes[v] != kNoNode) members[nodes[v]].push_back(v);
  }
  const auto draw = [&](std::size_t v, std::string_view indent) {
    const Vertex& vertex = fabric.vertices()[VertexId(v)];
    fmt::format_to(out, "{}v{} [shape={}, label={}];\n", indent, v, kShapes[static_cast<std::size_t>(vertex.kind)],
                   quote(vertex.name));
  };
  for (std::size_t node = 0; node < members.size(); ++node) {
    if (members[node].empty()) continue;
    if (!whole) {
      fmt::format_to(out, "  v{} [shape=box3d, label=\"node {} ({} vertices)\"];\n", nodes.size() + node, node,
                     members[node].size());
      continue;
    }
    fmt::format_to(out, "  subgraph cluster_node{} {{\n    label=\"node {}\";\n", node, node);
    for (const std::size_t v : members[node]) draw(v, "    ");
    text += "  }\n";
  }
  for (std::size_t v = 0; v < nodes.size(); ++v)
    if (nodes[v] == kNoNode) draw(v, "  ");
  for (const Drawn& link : drawn_links(fabric, drawn_as))
    fmt::format_to(out, "  v{} -> v{} [label=\"{}{}\"{}];\n", link.from, link.to,
                   link.count == 1 ? "" : fmt::format("{} x ", link.count), to_text(link.bandwidth),
                   link.both_ways ? ", dir=both" : "");
  return text + "}\n";
}

}  // namespace orrery
