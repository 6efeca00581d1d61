// The shape `explicit`: vertices and links one by one, for a fabric that no other shape describes.
//
//     shape: explicit
//     vertices:
//       - {name: a, kind: chip, node: 0}       # chips of one `node` share a host; all do when it is absent
//       - {name: b, kind: chip, node: 1}
//       - {name: s, kind: switch}              # or nic, host
//       - {name: n, block: {shape: ring, …}}   # a nested shape; its port 3 is `n.3`
//     link: {bandwidth: 25 GB/s, latency: 500 ns}                  # of links that don't say otherwise
//     links:
//       - {from: a, to: s}                                         # a cable, both ways
//       - {from: b, to: s, bandwidth: 50 GB/s, latency: 500 ns}
//       - {from: s, to: n.3, one_way: true}
//     ports: [a, b]                            # all chips and ports of blocks, in order, when absent
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "topology/link_spec.h"
#include "topology/shapes/shape.h"

namespace orrery {
namespace {

struct ListedVertex {
  std::string name;
  VertexKind kind = VertexKind::kSwitch;  // kEngine: a chip
  std::int64_t node = 0;                  // of a chip, as the file numbers them
  std::unique_ptr<Block> block;           // or a nested shape

  [[nodiscard]] std::uint64_t port_count() const { return block ? block->port_count() : 1; }
};

// One port of one listed vertex.
struct End {
  std::size_t vertex = 0;
  std::uint64_t port = 0;
  friend bool operator==(const End&, const End&) = default;
};

struct ListedLink {
  End from;
  End to;
  bool one_way = false;
  Link link;
};

class Explicit : public Block {
 public:
  Explicit(std::vector<ListedVertex> vertices, std::vector<ListedLink> links, std::optional<std::vector<End>> ports)
      : vertices_(std::move(vertices)), links_(std::move(links)), ports_(std::move(ports)) {}

  [[nodiscard]] Counts counts() const override {
    Counts counts;
    for (const ListedVertex& vertex : vertices_)
      counts = counts + (vertex.block                         ? vertex.block->counts()
                         : vertex.kind == VertexKind::kEngine ? Counts{1, 2, 2}
                                                              : Counts{0, 1, 0});
    for (const ListedLink& link : links_) counts = counts + Counts{0, 0, link.one_way ? 1U : 2U};
    return counts;
  }

  [[nodiscard]] std::uint64_t port_count() const override {
    if (ports_) return ports_->size();
    std::uint64_t count = 0;
    for (const ListedVertex& vertex : vertices_)
      if (is_default_port(vertex)) count = saturating_sum(count, vertex.port_count());
    return count;
  }

  Ports build(Builder& builder, const std::string& name) const override {
    std::vector<Ports> built;
    std::map<std::int64_t, std::uint32_t> nodes;
    for (const ListedVertex& vertex : vertices_) {
      std::string full = name.empty() ? vertex.name : name + "/" + vertex.name;
      if (vertex.block) {
        built.push_back(vertex.block->build(builder, full));
      } else if (vertex.kind == VertexKind::kEngine) {
        auto found = nodes.find(vertex.node);
        if (found == nodes.end()) found = nodes.emplace(vertex.node, builder.open_node()).first;
        built.push_back({builder.fabric.engine(builder.fabric.add_chip(found->second, std::move(full)))});
      } else {
        built.push_back({builder.add(vertex.kind, std::move(full))});
      }
    }
    const auto at = [&](const End& end) { return built[end.vertex][end.port]; };
    for (const ListedLink& listed : links_) {
      Link link = listed.link;
      link.from = at(listed.from);
      link.to = at(listed.to);
      listed.one_way ? builder.fabric.add_link(link) : builder.fabric.add_cable(link);
    }
    Ports ports;
    if (ports_)
      for (const End& end : *ports_) ports.push_back(at(end));
    else
      for (std::size_t i = 0; i < vertices_.size(); ++i)
        if (is_default_port(vertices_[i])) ports.insert(ports.end(), built[i].begin(), built[i].end());
    return ports;
  }

 private:
  static bool is_default_port(const ListedVertex& vertex) {
    return vertex.block != nullptr || vertex.kind == VertexKind::kEngine;
  }

  std::vector<ListedVertex> vertices_;
  std::vector<ListedLink> links_;
  std::optional<std::vector<End>> ports_;
};

// The listed vertices by name.
class Directory {
 public:
  void add(const yaml::Node& node, const std::string& name, std::size_t index) {
    if (name.empty()) node.fail("a vertex needs a name");
    if (!index_.emplace(name, index).second) node.fail(fmt::format("a vertex called '{}' is already listed", name));
    names_.push_back(name);
  }

  // "a", or "n.3" for port 3 of the nested shape n.
  [[nodiscard]] End find(const yaml::Node& node, const std::vector<ListedVertex>& vertices) const {
    const std::string word = node.text();
    if (const auto found = index_.find(word); found != index_.end()) {
      const std::uint64_t ports = vertices[found->second].port_count();
      if (ports != 1) node.fail(fmt::format("'{}' has {} ports; say which, as in `{}.0`", word, ports, word));
      return {found->second, 0};
    }
    const std::size_t dot = word.rfind('.');
    const auto found = dot == std::string::npos ? index_.end() : index_.find(word.substr(0, dot));
    if (found == index_.end()) node.fail(unknown_name("vertex", word, names_));
    const std::uint64_t ports = vertices[found->second].port_count();
    std::uint64_t port = 0;
    const char* const end = word.data() + word.size();
    const auto [stop, failure] = std::from_chars(word.data() + dot + 1, end, port);
    if (failure != std::errc() || stop != end || port >= ports)
      node.fail(fmt::format("'{}' has ports 0 to {}, not '{}'", found->first, ports - 1, word.substr(dot + 1)));
    return {found->second, port};
  }

 private:
  std::map<std::string, std::size_t> index_;
  std::vector<std::string> names_;
};

ListedVertex read_vertex(const yaml::Node& node, Directory& directory, std::size_t index) {
  yaml::Map map(node, "a vertex");
  ListedVertex vertex;
  const yaml::Node name = map.required("name");
  vertex.name = name.text();
  directory.add(name, vertex.name, index);
  if (const auto block = map.optional("block")) {
    vertex.block = read_block(*block);
  } else {
    constexpr VertexKind kKinds[] = {VertexKind::kEngine, VertexKind::kNic, VertexKind::kSwitch, VertexKind::kHost};
    vertex.kind = kKinds[map.required("kind").choice("vertex kind", {"chip", "nic", "switch", "host"})];
    if (vertex.kind == VertexKind::kEngine)
      if (const auto number = map.optional("node")) vertex.node = number->integer(0, kMostBlocks);
  }
  map.finish();
  return vertex;
}

ListedLink read_listed_link(const yaml::Node& node, const Directory& directory,
                            const std::vector<ListedVertex>& vertices, const std::optional<Link>& common) {
  yaml::Map map(node, "a link");
  ListedLink listed;
  listed.from = directory.find(map.required("from"), vertices);
  const yaml::Node to = map.required("to");
  listed.to = directory.find(to, vertices);
  if (listed.from == listed.to) to.fail("a link can't lead back to where it starts");
  if (const auto one_way = map.optional("one_way")) listed.one_way = one_way->boolean();
  // Whatever describes the link itself comes as a whole: half of it from here and half from `link` would mislead.
  if (common && !map.optional("bandwidth"))
    listed.link = *common;
  else
    listed.link = read_link(map, LinkKind::kNetwork, Tier::kRail);
  map.finish();
  return listed;
}

std::unique_ptr<Block> read_explicit(yaml::Map& map, std::uint64_t) {
  Directory directory;
  std::vector<ListedVertex> vertices;
  const yaml::Node list = map.required("vertices");
  for (const yaml::Node& node : list.items()) vertices.push_back(read_vertex(node, directory, vertices.size()));
  if (std::none_of(vertices.begin(), vertices.end(),
                   [](const ListedVertex& v) { return v.block || v.kind == VertexKind::kEngine; }))
    list.fail("a fabric needs at least one chip");
  std::optional<Link> common;
  if (const auto link = map.optional("link")) common = read_link(*link, LinkKind::kNetwork, Tier::kRail);
  std::vector<ListedLink> links;
  if (const auto nodes = map.optional("links"))
    for (const yaml::Node& node : nodes->items()) links.push_back(read_listed_link(node, directory, vertices, common));
  std::optional<std::vector<End>> ports;
  if (const auto nodes = map.optional("ports")) {
    ports.emplace();
    for (const yaml::Node& node : nodes->items()) ports->push_back(directory.find(node, vertices));
    if (ports->empty()) nodes->fail("a block needs at least one port");
  }
  return std::make_unique<Explicit>(std::move(vertices), std::move(links), std::move(ports));
}

const Shapes::Entry kExplicit{{"explicit", "vertices and links as the file lists them, one by one", &read_explicit}};

}  // namespace
}  // namespace orrery
