// A breadth-first search backwards that watches for moments at which a single vertex leads on.
#include "topology/approach.h"

#include <algorithm>

namespace orrery {
namespace {

constexpr std::size_t kMostVertices = 512;

}  // namespace

std::uint32_t Approach::at(std::uint32_t vertex) const {
  const auto found = std::lower_bound(near.begin(), near.end(), std::pair(vertex, std::uint32_t{0}));
  return found == near.end() || found->first != vertex ? DistanceField::kUnreached : found->second;
}

Approach find_approach(std::uint32_t destination, const Adjacency& in, const std::vector<VertexKind>& kinds,
                       Transit transit, std::vector<std::uint32_t>& distance) {
  Approach approach{.gateway = destination, .depth = 0, .widest = 0, .near = {}};
  std::vector<std::uint32_t> queue{destination};
  distance[destination] = 0;
  const auto leads_on = [&](std::uint32_t vertex) {
    if (!may_pass(kinds[vertex], transit)) return false;
    const auto arcs = in.arcs(vertex);
    return std::any_of(arcs.begin(), arcs.end(),
                       [&](const Adjacency::Arc& arc) { return distance[arc.other] == DistanceField::kUnreached; });
  };
  for (std::size_t head = 0; head < queue.size(); ++head) {
    const std::uint32_t near = queue[head];
    if (head > 0 && !may_pass(kinds[near], transit)) continue;
    for (const Adjacency::Arc& arc : in.arcs(near)) {
      if (distance[arc.other] != DistanceField::kUnreached) continue;
      distance[arc.other] = distance[near] + 1;
      queue.push_back(arc.other);
    }
    if (queue.size() > kMostVertices) break;
    // CORRECTNESS: what hasn't been met can only be met through a vertex that leads on and hasn't been expanded.
    std::uint32_t gateway = destination;
    int gateways = 0;
    for (std::size_t k = head + 1; k < queue.size() && gateways < 2; ++k) {
      if (!leads_on(queue[k])) continue;
      gateway = queue[k];
      ++gateways;
    }
    if (gateways != 1) {
      if (near == approach.gateway && approach.depth > 0) break;  // from here on ways part
      continue;
    }
    approach.gateway = gateway;
    approach.depth = distance[gateway];
    approach.near.clear();
    for (const std::uint32_t vertex : queue) approach.near.emplace_back(vertex, distance[vertex]);
  }
  for (const std::uint32_t vertex : queue) distance[vertex] = DistanceField::kUnreached;
  std::sort(approach.near.begin(), approach.near.end());
  for (const auto& [vertex, hops] : approach.near) approach.widest = std::max(approach.widest, hops);
  return approach;
}

}  // namespace orrery
