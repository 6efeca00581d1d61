// Searches backwards from destinations, and lets the oldest searches go.
#include "topology/minimal_paths.h"

#include <fmt/format.h>

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
      searches_(fabric.vertices().size()) {}

MinimalPaths::Descent MinimalPaths::descent(VertexId from, VertexId to) {
  make_room();
  for (std::size_t rule = 0; rule < kTransitCount; ++rule) {
    const auto transit = static_cast<Transit>(rule);
    const std::uint32_t length = reach(from, to, transit);
    if (length != DistanceField::kUnreached) return {length, transit, &(*searches_[to.index()])[rule]};
  }
  throw RunError(fmt::format("no path from {} to {}", fabric_->vertices()[from].name, fabric_->vertices()[to].name));
}

// Hops to `to` under `transit`; its search goes on, or begins, as far as that takes.
std::uint32_t MinimalPaths::reach(VertexId from, VertexId to, Transit transit) {
  std::unique_ptr<Search>& search = searches_[to.index()];
  if (!search) {
    search = std::make_unique<Search>();
    kept_.push_back(to.index());
  }
  DistanceField& field = (*search)[static_cast<std::size_t>(transit)];
  bytes_ -= field.bytes();
  if (!field.begun()) field = DistanceField(kinds_.size(), to.index());
  const std::uint32_t distance = field.reach(from.index(), in_, kinds_, transit);
  bytes_ += field.bytes();
  return distance;
}

// Until what is kept is small enough again; the newest stays.
void MinimalPaths::make_room() {
  while (bytes_ > kMostBytes && kept_.size() > 1) {
    std::unique_ptr<Search>& oldest = searches_[kept_.front()];
    for (const DistanceField& field : *oldest) bytes_ -= field.bytes();
    oldest.reset();
    kept_.pop_front();
  }
}

void MinimalPaths::append_hops(const Descent& descent, VertexId vertex, std::uint32_t left,
                               std::vector<Adjacency::Arc>& hops) const {
  for (const Adjacency::Arc& arc : out_.arcs(vertex.index())) {
    if (descent.field->at(arc.other) != left - 1) continue;
    if (left > 1 && !may_pass(kinds_[arc.other], descent.transit)) continue;
    hops.push_back(arc);
  }
}

}  // namespace orrery
