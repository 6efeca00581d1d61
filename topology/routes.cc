// Finds routes: searches backwards from destinations, then walks down the distances by a static choice.
#include "topology/routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <deque>
#include <tuple>

#include "sim/base/error.h"
#include "topology/distance_field.h"

namespace orrery {
namespace {

std::vector<VertexKind> kinds_of(const Fabric& fabric) {
  std::vector<VertexKind> kinds;
  kinds.reserve(fabric.vertices().size());
  for (const Vertex& vertex : fabric.vertices()) kinds.push_back(vertex.kind);
  return kinds;
}

// The outermost switch that a vertex is linked to: of the highest tier, then of the lowest id.
std::uint32_t outermost_switch(const Fabric& fabric, const Adjacency& out, std::uint32_t vertex, Tier& tier) {
  std::uint32_t best = vertex;
  for (const Adjacency::Arc& arc : out.arcs(vertex)) {
    if (fabric.vertices()[VertexId(arc.other)].kind != VertexKind::kSwitch) continue;
    const Tier its = fabric.links()[LinkId(arc.link)].tier;
    if (best != vertex && (its < tier || (its == tier && arc.other >= best))) continue;
    best = arc.other;
    tier = its;
  }
  return best;
}

// The outermost switch that a chip hangs on by itself or by its first NIC; its own engine if there is none.
std::uint32_t attachment(const Fabric& fabric, const Adjacency& out, ChipId chip) {
  const std::uint32_t engine = fabric.engine(chip).index();
  Tier tier = Tier::kHbm;
  std::uint32_t best = outermost_switch(fabric, out, engine, tier);
  for (const Adjacency::Arc& arc : out.arcs(engine)) {
    if (fabric.vertices()[VertexId(arc.other)].kind != VertexKind::kNic) continue;
    Tier beyond = Tier::kHbm;
    const std::uint32_t candidate = outermost_switch(fabric, out, arc.other, beyond);
    if (candidate == arc.other || beyond <= tier) continue;
    best = candidate;
    tier = beyond;
  }
  return best;
}

Table<ChipId, std::uint32_t> spread(const Fabric& fabric, const Adjacency& out) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> chips;
  for (std::uint32_t chip = 0; chip < fabric.chip_count(); ++chip)
    chips.emplace_back(attachment(fabric, out, ChipId(chip)), chip);
  std::sort(chips.begin(), chips.end());
  Table<ChipId, std::uint32_t> numbers(chips.size());
  for (std::uint32_t number = 0; number < chips.size(); ++number) numbers[ChipId(chips[number].second)] = number;
  return numbers;
}

}  // namespace

Table<ChipId, std::uint32_t> spreading_order(const Fabric& fabric) {
  return spread(fabric, Adjacency(fabric, Adjacency::Direction::kOut));
}

struct Routes::Fields {
  explicit Fields(const Fabric& fabric)
      : out(fabric, Adjacency::Direction::kOut),
        in(fabric, Adjacency::Direction::kIn),
        kinds(kinds_of(fabric)),
        numbers(spread(fabric, out)),
        searches(fabric.chip_count()) {}

  using Search = std::array<DistanceField, kTransitCount>;  // by rule

  // Hops from `vertex` to `destination` under `transit`; its search goes on, or begins, as far as that takes.
  std::uint32_t reach(const Fabric& fabric, ChipId destination, std::uint32_t vertex, Transit transit) {
    std::unique_ptr<Search>& search = searches[destination.index()];
    if (!search) {
      search = std::make_unique<Search>();
      kept.push_back(destination);
    }
    DistanceField& field = (*search)[static_cast<std::size_t>(transit)];
    bytes -= field.bytes();
    if (!field.begun()) field = DistanceField(kinds.size(), fabric.engine(destination).index());
    const std::uint32_t distance = field.reach(vertex, in, kinds, transit);
    bytes += field.bytes();
    return distance;
  }

  // Lets the oldest searches go until what is kept is small enough again; the newest stays.
  void make_room() {
    while (bytes > kMostBytes && kept.size() > 1) {
      std::unique_ptr<Search>& oldest = searches[kept.front().index()];
      for (const DistanceField& field : *oldest) bytes -= field.bytes();
      oldest.reset();
      kept.pop_front();
    }
  }

  // What the choices at one hop go by: `number` picks the next vertex, `rest` the cable to it and the choices after it.
  struct Digit {
    std::uint32_t number = 0;
    std::uint32_t rest = 0;
  };

  // Fills `hops` with the equally good next hops from `vertex`, which is `distance` hops from the destination, parallel
  // cables side by side; returns to how many vertices they lead.
  std::uint32_t find_hops(const Fabric& fabric, const DistanceField& field, std::uint32_t vertex,
                          std::uint32_t distance, Transit transit);
  [[nodiscard]] Adjacency::Arc pick(std::uint32_t vertices, Digit digit) const;

  Adjacency out;
  Adjacency in;
  std::vector<VertexKind> kinds;
  Table<ChipId, std::uint32_t> numbers;
  std::vector<std::unique_ptr<Search>> searches;  // by destination
  std::deque<ChipId> kept;                        // whose searches are there, oldest first
  std::size_t bytes = 0;                          // of all searches
  std::vector<Adjacency::Arc> hops;               // of find_hops()
  std::vector<Digit> digits;                      // of the route that is being walked, by hop
};

std::uint32_t Routes::Fields::find_hops(const Fabric& fabric, const DistanceField& field, std::uint32_t vertex,
                                        std::uint32_t distance, Transit transit) {
  hops.clear();
  std::uint8_t dimension = 0;
  for (const Adjacency::Arc& arc : out.arcs(vertex)) {
    if (field.at(arc.other) != distance - 1) continue;
    if (distance > 1 && !may_pass(kinds[arc.other], transit)) continue;
    const std::uint8_t its = fabric.links()[LinkId(arc.link)].dimension;
    if (!hops.empty() && its > dimension) continue;
    if (hops.empty() || its < dimension) hops.clear();
    dimension = its;
    hops.push_back(arc);
  }
  assert(!hops.empty());
  // Forward directions before return ones: on a ring of even size the two ways to the opposite side stand in the same
  // order everywhere.
  std::sort(hops.begin(), hops.end(), [&](const Adjacency::Arc& a, const Adjacency::Arc& b) {
    return std::tuple(fabric.links()[LinkId(a.link)].is_return, a.other, a.link) <
           std::tuple(fabric.links()[LinkId(b.link)].is_return, b.other, b.link);
  });
  std::uint32_t vertices = 1;
  for (std::size_t i = 1; i < hops.size(); ++i) vertices += hops[i].other != hops[i - 1].other ? 1 : 0;
  return vertices;
}

Adjacency::Arc Routes::Fields::pick(std::uint32_t vertices, Digit digit) const {
  std::size_t first = 0;
  for (std::uint32_t wanted = digit.number % vertices; wanted > 0; --wanted) {
    const std::uint32_t other = hops[first].other;
    while (hops[first].other == other) ++first;
  }
  std::size_t last = first;
  while (last < hops.size() && hops[last].other == hops[first].other) ++last;
  return hops[first + digit.rest % (last - first)];
}

Routes::Routes(const Fabric& fabric) : fabric_(&fabric), fields_(std::make_unique<Fields>(fabric)) {}
Routes::~Routes() = default;

std::span<const LinkId> Routes::route(ChipId from, ChipId to) {
  route_.clear();
  if (from == to) return route_;
  std::uint32_t vertex = fabric_->engine(from).index();
  for (std::size_t rule = 0; rule < kTransitCount; ++rule) {
    const auto transit = static_cast<Transit>(rule);
    const std::uint32_t length = fields_->reach(*fabric_, to, vertex, transit);
    if (length == DistanceField::kUnreached) continue;
    walk(to, vertex, length, transit);
    fields_->make_room();
    return route_;
  }
  throw RunError(fmt::format("no path from {} to {}", fabric_->vertices()[fabric_->engine(from)].name,
                             fabric_->vertices()[fabric_->engine(to)].name));
}

// Down distances that are known, from `vertex` to the engine of `to`.
void Routes::walk(ChipId to, std::uint32_t vertex, std::uint32_t length, Transit transit) {
  const DistanceField& field = (*fields_->searches[to.index()])[static_cast<std::size_t>(transit)];
  std::vector<Fields::Digit>& digits = fields_->digits;
  digits.clear();
  std::uint32_t number = fields_->numbers[to];
  for (std::uint32_t hop = 0; hop < length; ++hop) {
    const std::uint32_t vertices = fields_->find_hops(*fabric_, field, vertex, length - hop, transit);
    // CORRECTNESS: on the way down a tree each level goes by what it went by on the way up, so that the cables down to
    // a leaf share its destinations as evenly as the cables up would.
    const bool is_outward = 2 * hop < length;
    digits.push_back(is_outward ? Fields::Digit{number, number / vertices} : digits[length - 1 - hop]);
    const Adjacency::Arc arc = fields_->pick(vertices, digits.back());
    // Directions on a grid all go by the same number: each dimension is then balanced by itself.
    if (is_outward && fields_->kinds[arc.other] != VertexKind::kEngine) number = digits.back().rest;
    route_.emplace_back(arc.link);
    vertex = arc.other;
  }
}

Duration Routes::latency(std::span<const LinkId> route) const {
  Duration sum;
  for (const LinkId link : route) sum += fabric_->links()[link].latency;
  return sum;
}

}  // namespace orrery
