// The last stretch to a destination: the vertex that every way from further off must pass, and what lies before it.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "topology/distance_field.h"

namespace orrery {

// Chips that hang on one leaf switch, each by a NIC of its own, share what lies beyond the leaf: one search from there
// answers for all of them. With several ways in there is no such vertex but the destination itself.
struct Approach {
  std::uint32_t gateway = 0;
  std::uint32_t depth = 0;   // hops from the gateway to the destination
  std::uint32_t widest = 0;  // hops of the furthest of `near`
  // Vertices that have a way to the destination without passing the gateway, and the hops of the shortest; in order of
  // vertex. The gateway is among them. Empty where the gateway is the destination.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> near;

  [[nodiscard]] std::uint32_t at(std::uint32_t vertex) const;  // DistanceField::kUnreached for what isn't near
};

// The last such vertex before ways part, if there is one among the first few hundred backwards from the destination.
// `distance`: by vertex, all kUnreached, and so again afterwards; kept by who asks for many.
[[nodiscard]] Approach find_approach(std::uint32_t destination, const Adjacency& in,
                                     const std::vector<VertexKind>& kinds, Transit transit,
                                     std::vector<std::uint32_t>& distance);

}  // namespace orrery
