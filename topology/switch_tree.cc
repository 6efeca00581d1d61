// Two searches in breadth: from the first chip to find the root, from the root to find each chip's way.
#include "topology/switch_tree.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "topology/adjacency.h"
#include "topology/distance_field.h"

namespace orrery {
namespace {

constexpr std::uint32_t kNoVertex = std::numeric_limits<std::uint32_t>::max();

class SwitchSearch {
 public:
  SwitchSearch(const Fabric& fabric, std::span<const ChipId> chips)
      : fabric_(fabric), chips_(chips), out_(fabric, Adjacency::Direction::kOut) {
    for (const Vertex& vertex : fabric.vertices()) kinds_.push_back(vertex.kind);
  }

  SwitchTree grow() {
    const std::optional<std::uint32_t> root = find_root();
    if (!root) return {};
    search(*root);
    for (const ChipId chip : chips_)
      if (from_[engine(chip)] == kNoVertex) return {};
    find_adders(*root);
    return hang();
  }

 private:
  [[nodiscard]] std::uint32_t engine(ChipId chip) const {
    return static_cast<std::uint32_t>(fabric_.engine(chip).index());
  }
  [[nodiscard]] std::uint32_t choice() const { return static_cast<std::uint32_t>(chips_[0].index()); }

  // from_[v]: what is before v on the way from `start`; distance_[v]: hops.
  void search(std::uint32_t start) {
    from_.assign(kinds_.size(), kNoVertex);
    distance_.assign(kinds_.size(), kNoVertex);
    from_[start] = start;
    distance_[start] = 0;
    std::vector<std::uint32_t> queue{start};
    for (std::size_t head = 0; head < queue.size(); ++head) {
      const std::uint32_t near = queue[head];
      if (near != start && !may_pass(kinds_[near], Transit::kNetwork)) continue;
      for (const Adjacency::Arc& arc : out_.arcs(near)) {
        if (from_[arc.other] != kNoVertex) continue;
        from_[arc.other] = near;
        distance_[arc.other] = distance_[near] + 1;
        queue.push_back(arc.other);
      }
    }
  }

  // Of the ways from one vertex to its neighbour, one; they come in order of link.
  [[nodiscard]] LinkId link(std::uint32_t from, std::uint32_t to) const {
    std::vector<std::uint32_t> links;
    for (const Adjacency::Arc& arc : out_.arcs(from))
      if (arc.other == to) links.push_back(arc.link);
    return LinkId(links[choice() % links.size()]);
  }

  // A switch of the network: a PCIe switch inside a server adds nothing.
  [[nodiscard]] bool adds(std::uint32_t vertex, std::uint32_t neighbour) const {
    return kinds_[vertex] == VertexKind::kSwitch && fabric_.links()[link(vertex, neighbour)].kind != LinkKind::kPcie;
  }

  [[nodiscard]] std::optional<std::uint32_t> find_root() {
    search(engine(chips_[0]));
    std::uint32_t farthest = engine(chips_[0]);
    for (const ChipId chip : chips_) {
      if (from_[engine(chip)] == kNoVertex) return std::nullopt;
      if (distance_[engine(chip)] > distance_[farthest]) farthest = engine(chip);
    }
    // Of the shortest ways there, one: at each step back one of the vertices a hop nearer.
    std::vector<std::uint32_t> way{farthest};
    while (distance_[way.back()] > 0) {
      std::vector<std::uint32_t> nearer;
      for (const Adjacency::Arc& arc : out_.arcs(way.back())) {
        const bool passes = distance_[arc.other] == 0 || may_pass(kinds_[arc.other], Transit::kNetwork);
        const bool seen = std::find(nearer.begin(), nearer.end(), arc.other) != nearer.end();
        if (passes && !seen && distance_[arc.other] == distance_[way.back()] - 1) nearer.push_back(arc.other);
      }
      if (nearer.empty()) return std::nullopt;  // one-way links
      way.push_back(nearer[choice() % nearer.size()]);
    }
    // The switch nearest to its middle.
    std::optional<std::size_t> best;
    const auto off = [&](std::size_t k) {
      return k > way.size() - 1 - k ? 2 * k - (way.size() - 1) : way.size() - 1 - 2 * k;
    };
    for (std::size_t k = 1; k + 1 < way.size(); ++k)
      if (adds(way[k], way[k - 1]) && adds(way[k], way[k + 1]) && (!best || off(k) < off(*best))) best = k;
    if (!best) return std::nullopt;
    return way[*best];
  }

  // The root, and the switches at which ways part.
  void find_adders(std::uint32_t root) {
    std::vector<std::uint32_t> branches(kinds_.size(), 0);
    std::vector<bool> seen(kinds_.size(), false);
    for (const ChipId chip : chips_)
      for (std::uint32_t at = engine(chip); at != root && !seen[at]; at = from_[at]) {
        seen[at] = true;
        ++branches[from_[at]];
      }
    adder_.assign(kinds_.size(), SwitchTree::kRootSwitch);
    tree_ = {};
    const auto number = [&](std::uint32_t vertex) {
      adder_[vertex] = static_cast<std::int32_t>(tree_.vertices.size());
      tree_.vertices.emplace_back(vertex);
    };
    number(root);
    for (const ChipId chip : chips_)
      for (std::uint32_t at = from_[engine(chip)]; at != root && adder_[at] == SwitchTree::kRootSwitch; at = from_[at])
        if (branches[at] > 1 && adds(at, from_[at])) number(at);
  }

  // From a vertex to the next adder; returns that one.
  std::int32_t climb(std::uint32_t at, SwitchWay& way) const {
    do {
      way.up.push_back(link(at, from_[at]));
      way.down.push_back(link(from_[at], at));
      at = from_[at];
    } while (adder_[at] == SwitchTree::kRootSwitch);
    std::reverse(way.down.begin(), way.down.end());
    return adder_[at];
  }

  SwitchTree hang() {
    tree_.above.assign(tree_.vertices.size(), SwitchTree::kRootSwitch);
    tree_.ways.resize(tree_.vertices.size());
    for (std::size_t s = 1; s < tree_.vertices.size(); ++s)
      tree_.above[s] = climb(static_cast<std::uint32_t>(tree_.vertices[s].index()), tree_.ways[s]);
    for (const ChipId chip : chips_) tree_.under.push_back(climb(engine(chip), tree_.chip_ways.emplace_back()));
    return std::move(tree_);
  }

  const Fabric& fabric_;
  std::span<const ChipId> chips_;
  Adjacency out_;
  std::vector<VertexKind> kinds_;
  std::vector<std::uint32_t> from_;
  std::vector<std::uint32_t> distance_;
  std::vector<std::int32_t> adder_;  // by vertex: its number in the tree
  SwitchTree tree_;
};

}  // namespace

SwitchTree switch_tree(const Fabric& fabric, std::span<const ChipId> chips) {
  if (chips.size() < 2) return {};
  return SwitchSearch(fabric, chips).grow();
}

}  // namespace orrery
