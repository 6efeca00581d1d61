// How many hops each vertex is from one destination, found backwards from it and only as far as was asked.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "topology/adjacency.h"

namespace orrery {

// What a route may pass through, from the strictest rule to the loosest.
enum class Transit : std::uint8_t { kNetwork, kEngines, kHosts };
inline constexpr std::size_t kTransitCount = 3;
// Each VertexKind's strictest rule under which it is passed through; HBM never is.
[[nodiscard]] bool may_pass(VertexKind kind, Transit transit);

class DistanceField {
 public:
  static constexpr std::uint32_t kUnreached = std::numeric_limits<std::uint32_t>::max();

  DistanceField() = default;
  DistanceField(std::size_t vertex_count, std::uint32_t destination);

  // Hops from `vertex` to the destination; searches on until that is known. Ends on every fabric.
  [[nodiscard]] std::uint32_t reach(std::uint32_t vertex, const Adjacency& in, const std::vector<VertexKind>& kinds,
                                    Transit transit);
  // Of what has been searched. Right for every vertex that is nearer than any that reach() has found.
  [[nodiscard]] std::uint32_t at(std::uint32_t vertex) const { return distance_[vertex]; }
  [[nodiscard]] std::size_t bytes() const;
  [[nodiscard]] bool begun() const { return !distance_.empty(); }

 private:
  std::vector<std::uint32_t> distance_;
  std::vector<std::uint32_t> queue_;  // vertices in order of distance; before head_ their neighbours have been met
  std::size_t head_ = 0;
};

}  // namespace orrery
