// A breadth-first search that can stop and go on.
#include "topology/distance_field.h"

namespace orrery {

bool may_pass(VertexKind kind, Transit transit) {
  switch (kind) {
    case VertexKind::kSwitch:
    case VertexKind::kNic:
      return true;
    case VertexKind::kEngine:
      return transit >= Transit::kEngines;
    case VertexKind::kHost:
      return transit >= Transit::kHosts;
    case VertexKind::kHbm:
      return false;
  }
  return false;
}

DistanceField::DistanceField(std::size_t vertex_count, std::uint32_t destination)
    : distance_(vertex_count, kUnreached), queue_{destination} {
  distance_[destination] = 0;
}

std::uint32_t DistanceField::reach(std::uint32_t vertex, const Adjacency& in, const std::vector<VertexKind>& kinds,
                                   Transit transit) {
  // CORRECTNESS: a vertex is met when the first vertex one hop nearer is expanded, so that once `vertex` has a distance
  // d every vertex at d − 1 or less has its final one: all that a walk from `vertex` looks at.
  while (distance_[vertex] == kUnreached && head_ < queue_.size()) {
    const std::uint32_t near = queue_[head_++];
    if (distance_[near] != 0 && !may_pass(kinds[near], transit)) continue;
    for (const Adjacency::Arc& arc : in.arcs(near))
      if (distance_[arc.other] == kUnreached) {
        distance_[arc.other] = distance_[near] + 1;
        queue_.push_back(arc.other);
      }
  }
  return distance_[vertex];
}

std::size_t DistanceField::bytes() const { return (distance_.capacity() + queue_.capacity()) * sizeof(std::uint32_t); }

}  // namespace orrery
