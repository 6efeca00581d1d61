// The routing `explicit`: paths that a file lists, by the names of what they pass; all other pairs are `minimal`.
//
//     name: explicit
//     routes:
//       - {from: node0/chip0, to: node2/chip0, via: [unit0/leaf0, pod0/spine1, unit1/leaf0], share: 25 %}
//       - {from: node0/chip0, to: node2/chip0, via: [pod0/spine0], share: 75 %}
//       - {to: node3/chip1, via: [pod0/spine1]}          # from every chip that no other entry names
//
// `via` names vertices in order of travel: switches, NICs, hosts, other chips. Between two that follow one another the
// path is minimal, so that only what differs need be named. Several entries of one pair share its bytes: each says its
// `share`, and these add up to 1; or none does, and all are equal.
#include <fmt/format.h>

#include <cmath>
#include <map>
#include <string_view>
#include <unordered_map>

#include "sim/base/error.h"
#include "topology/routing/loops.h"
#include "topology/routing/routing.h"
#include "topology/routing/static_walk.h"

namespace orrery {
namespace {

struct ListedRoute {
  std::vector<VertexId> via;
  double share = 1;
};
// By source and destination; the sources of entries that name none are kAnySource.
using ListedPair = std::pair<std::uint32_t, std::uint32_t>;
using RouteList = std::map<ListedPair, std::vector<ListedRoute>>;
constexpr std::uint32_t kAnySource = std::numeric_limits<std::uint32_t>::max();

void walk_via(StaticWalk& walk, ChipId from, ChipId to, const std::vector<VertexId>& via, std::vector<LinkId>& path) {
  VertexId at = walk.fabric().engine(from);
  for (const VertexId next : via) {
    walk.append(at, next, to, path);
    at = next;
  }
  walk.append(at, walk.fabric().engine(to), to, path);
}

class Listed final : public Routing {
 public:
  Listed(const Fabric& fabric, std::shared_ptr<const RouteList> list) : walk_(fabric), list_(std::move(list)) {}

  void find(ChipId from, ChipId to, PathBundle& bundle) override {
    auto found = list_->find({from.index(), to.index()});
    if (found == list_->end()) found = list_->find({kAnySource, to.index()});
    if (found == list_->end()) return add(from, to, {}, 1, bundle);
    for (const ListedRoute& route : found->second) add(from, to, route.via, route.share, bundle);
  }

 private:
  void add(ChipId from, ChipId to, const std::vector<VertexId>& via, double share, PathBundle& bundle) {
    path_.clear();
    walk_via(walk_, from, to, via, path_);
    erase_loops(walk_.fabric(), walk_.fabric().engine(from), path_);
    bundle.add(path_, share);
  }

  StaticWalk walk_;
  std::shared_ptr<const RouteList> list_;
  std::vector<LinkId> path_;
};

// Vertices by name, but for HBMs, which no path passes.
class VertexNames {
 public:
  explicit VertexNames(const Fabric& fabric) : fabric_(fabric) {
    for (std::size_t v = 0; v < fabric.vertices().size(); ++v) {
      const Vertex& vertex = fabric.vertices()[VertexId(v)];
      if (vertex.kind != VertexKind::kHbm) by_name_.emplace(vertex.name, v);
    }
  }
  [[nodiscard]] VertexId vertex(const yaml::Node& node) const { return find(node, "vertex", false); }
  [[nodiscard]] ChipId chip(const yaml::Node& node) const { return fabric_.vertices()[find(node, "chip", true)].chip; }

 private:
  [[nodiscard]] VertexId find(const yaml::Node& node, std::string_view kind, bool chips_only) const {
    const std::string word = node.text();
    const auto found = by_name_.find(word);
    const auto fits = [&](const Vertex& vertex) {
      return vertex.kind == VertexKind::kEngine || (!chips_only && vertex.kind != VertexKind::kHbm);
    };
    if (found != by_name_.end() && fits(fabric_.vertices()[found->second])) return found->second;
    std::vector<std::string> names;
    for (const Vertex& vertex : fabric_.vertices())
      if (fits(vertex)) names.push_back(vertex.name);
    node.fail(unknown_name(kind, word, names), {fmt::format("of {}, {} being one", names.size(), names.front())});
  }

  const Fabric& fabric_;
  std::unordered_map<std::string_view, VertexId> by_name_;
};

// What was read of a pair, until all is read.
struct Shares {
  std::size_t given = 0;
  double sum = 0;
  std::optional<yaml::Node> last;  // entry
};

class RouteListReader {
 public:
  explicit RouteListReader(const Fabric& fabric) : names_(fabric), walk_(fabric) {}

  void read(const yaml::Node& node) {
    yaml::Map map(node, "a route");
    const auto from = map.optional("from");
    const yaml::Node to = map.required("to");
    const auto via = map.optional("via");
    const auto share = map.optional("share");
    map.finish();
    const ChipId target = names_.chip(to);
    ListedRoute route;
    if (via)
      for (const yaml::Node& stop : via->items()) route.via.push_back(names_.vertex(stop));
    if (share) route.share = share->ratio();
    if (share && route.share <= 0) share->fail("a path that takes no share is none");
    const std::uint32_t source = from ? names_.chip(*from).index() : kAnySource;
    if (source == target.index()) to.fail("a route leads from one chip to another");
    if (from) check(*via_or(via, to), ChipId(source), target, route.via);
    Shares& shares = shares_[{source, target.index()}];
    shares.last = node;
    shares.given += share ? 1 : 0;
    shares.sum += route.share;
    list_[{source, target.index()}].push_back(std::move(route));
  }

  [[nodiscard]] RouteList take() {
    constexpr double kRounding = 1e-9;
    for (auto& [pair, shares] : shares_) {
      std::vector<ListedRoute>& routes = list_[pair];
      if (shares.given != 0 && shares.given != routes.size())
        shares.last->fail("of the routes of one pair, either all give a share or none does");
      if (shares.given != 0 && std::abs(shares.sum - 1) > kRounding)
        shares.last->fail(fmt::format("the shares of this pair's routes add up to {:g}, not 1", shares.sum));
      for (ListedRoute& route : routes) route.share /= shares.sum;
    }
    return std::move(list_);
  }

 private:
  static const yaml::Node* via_or(const std::optional<yaml::Node>& via, const yaml::Node& otherwise) {
    return via ? &*via : &otherwise;
  }
  // A path that comes back to where it was would lose a part of what is named.
  void check(const yaml::Node& where, ChipId from, ChipId to, const std::vector<VertexId>& via) {
    path_.clear();
    try {
      walk_via(walk_, from, to, via, path_);
    } catch (const RunError& error) {
      where.fail(error.what());
    }
    const std::size_t length = path_.size();
    const Fabric& fabric = walk_.fabric();
    erase_loops(fabric, fabric.engine(from), path_);
    if (path_.size() < length) where.fail("this path would pass something twice");
  }

  VertexNames names_;
  StaticWalk walk_;
  std::vector<LinkId> path_;
  RouteList list_;
  std::map<ListedPair, Shares> shares_;
};

RoutingMaker read_listed(const RoutingText& text, const Fabric& fabric) {
  const auto routes = text.optional("routes");
  if (!routes) text.name.fail("explicit routes are a list: {name: explicit, routes: [{from: …, to: …, via: […]}]}");
  RouteListReader reader(fabric);
  const std::vector<yaml::Node> items = routes->items();
  if (items.empty()) routes->fail("no route is listed: that is `minimal`");
  for (const yaml::Node& item : items) reader.read(item);
  return [list = std::make_shared<const RouteList>(reader.take())](const Fabric& its) {
    return std::make_unique<Listed>(its, list);
  };
}

const Routings::Entry kExplicitRouting{
    {"explicit", "paths listed by the names of what they pass, the other pairs minimal; key: routes", &read_listed}};

}  // namespace
}  // namespace orrery
