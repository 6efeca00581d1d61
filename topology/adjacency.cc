// Lays a fabric out flat, by a counting sort over its links.
#include "topology/adjacency.h"

namespace orrery {

Adjacency::Adjacency(const Fabric& fabric, Direction direction) : first_(fabric.vertices().size() + 1, 0) {
  const std::span<const Link> links = fabric.links().rows();
  const auto near = [&](const Link& link) { return (direction == Direction::kOut ? link.from : link.to).index(); };
  const auto far = [&](const Link& link) { return (direction == Direction::kOut ? link.to : link.from).index(); };
  for (const Link& link : links)
    if (link.kind != LinkKind::kOnPackage) ++first_[near(link) + 1];
  for (std::size_t v = 1; v < first_.size(); ++v) first_[v] += first_[v - 1];
  arcs_.resize(first_.back());
  std::vector<std::uint32_t> next(first_.begin(), first_.end() - 1);
  for (std::uint32_t id = 0; id < links.size(); ++id)
    if (links[id].kind != LinkKind::kOnPackage) arcs_[next[near(links[id])]++] = {id, far(links[id])};
}

}  // namespace orrery
