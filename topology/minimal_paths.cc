// Searches backwards from destinations, and lets the oldest searches go.
#include "topology/minimal_paths.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/error.h"

namespace orrery {
namespace {

std::vector<VertexKind> kinds_of(const Fabric& fabric) {
  std::vector<VertexKind> kinds;
  kinds.reserve(fabric.vertices().size());
  for (const Vertex& vertex : fabric.vertices()) kinds.push_back(vertex.kind);
  return kinds;
}

}  // namespace

MinimalPaths::MinimalPaths(const Fabric& fabric)
    : fabric_(&fabric),
      out_(fabric, Adjacency::Direction::kOut),
      in_(fabric, Adjacency::Direction::kIn),
      kinds_(kinds_of(fabric)),
      unreached_(fabric.vertices().size(), DistanceField::kUnreached),
      searches_(fabric.vertices().size()) {}

MinimalPaths::Descent MinimalPaths::descent(VertexId from, VertexId to) {
  make_room();
  for (std::size_t rule = 0; rule < kTransitCount; ++rule) {
    const Descent descent = reach(from, to, static_cast<Transit>(rule));
    if (descent.length != DistanceField::kUnreached) return descent;
  }
  throw RunError(fmt::format("no path from {} to {}", fabric_->vertices()[from].name, fabric_->vertices()[to].name));
}

bool MinimalPaths::Descent::is_at(std::uint32_t vertex, std::uint32_t hops) const {
  if (beyond->begun() && hops >= approach->depth && beyond->at(vertex) == hops - approach->depth) return true;
  return hops <= approach->widest && approach->at(vertex) == hops;
}

MinimalPaths::Search& MinimalPaths::search_of(std::uint32_t vertex) {
  std::unique_ptr<Search>& search = searches_[vertex];
  if (!search) {
    search = std::make_unique<Search>();
    kept_.push_back(vertex);
  }
  return *search;
}

void MinimalPaths::weigh(Search& search) {
  bytes_ -= search.bytes;
  search.bytes = sizeof(Search);
  for (const DistanceField& field : search.fields) search.bytes += field.bytes();
  for (const Approach& approach : search.approaches)
    search.bytes += approach.near.capacity() * sizeof(approach.near[0]);
  bytes_ += search.bytes;
}

// The search beyond the gateway goes on, or begins, as far as `from`; not at all if that lies before it.
MinimalPaths::Descent MinimalPaths::reach(VertexId from, VertexId to, Transit transit) {
  const auto rule = static_cast<std::size_t>(transit);
  Search& own = search_of(to.index());
  Approach& approach = own.approaches[rule];
  if (!own.approached[rule]) {
    approach = find_approach(to.index(), in_, kinds_, transit, unreached_);
    own.approached[rule] = true;
    weigh(own);
  }
  Search& gate = search_of(approach.gateway);
  DistanceField& beyond = gate.fields[rule];
  std::uint32_t length = approach.at(from.index());
  // Every way through the gateway has more hops than that.
  if (length > approach.depth + 1) {
    if (!beyond.begun()) beyond = DistanceField(kinds_.size(), approach.gateway);
    const std::uint32_t further = beyond.reach(from.index(), in_, kinds_, transit);
    if (further != DistanceField::kUnreached) length = std::min(length, further + approach.depth);
    weigh(gate);
  }
  return {length, transit, &approach, &beyond};
}

// Until what is kept is small enough again; the newest stays.
void MinimalPaths::make_room() {
  while (bytes_ > kMostBytes && kept_.size() > 1) {
    std::unique_ptr<Search>& oldest = searches_[kept_.front()];
    bytes_ -= oldest->bytes;
    oldest.reset();
    kept_.pop_front();
  }
}

void MinimalPaths::append_hops(const Descent& descent, VertexId vertex, std::uint32_t left,
                               std::vector<Adjacency::Arc>& hops) const {
  const std::vector<std::pair<std::uint32_t, std::uint32_t>>& near = descent.approach->near;
  if (left <= descent.approach->depth && near.size() < out_.arcs(vertex.index()).size()) {
    // Behind the gateway, from where it has many cables: fewer vertices lie there than those lead to.
    const std::size_t first = hops.size();
    for (const auto& [other, distance] : near) {
      if (distance != left - 1 || (left > 1 && !may_pass(kinds_[other], descent.transit))) continue;
      for (const Adjacency::Arc& arc : in_.arcs(other))
        if (arc.other == vertex.index()) hops.push_back({.link = arc.link, .other = other});
    }
    std::sort(hops.begin() + static_cast<std::ptrdiff_t>(first), hops.end(),
              [](const Adjacency::Arc& a, const Adjacency::Arc& b) { return a.link < b.link; });
    return;
  }
  if (descent.is_shared(vertex.index())) {
    const std::uint32_t further = left - descent.approach->depth;  // to the gateway
    for (const Adjacency::Arc& arc : out_.arcs(vertex.index())) {
      if (descent.beyond->at(arc.other) != further - 1) continue;
      if (left > 1 && !may_pass(kinds_[arc.other], descent.transit)) continue;
      hops.push_back(arc);
    }
    return;
  }
  for (const Adjacency::Arc& arc : out_.arcs(vertex.index())) {
    // CORRECTNESS: a neighbour of `vertex` has left − 1 hops at least.
    if (!descent.is_at(arc.other, left - 1)) continue;
    if (left > 1 && !may_pass(kinds_[arc.other], descent.transit)) continue;
    hops.push_back(arc);
  }
}

}  // namespace orrery
