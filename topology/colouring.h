// Colour refinement of a fabric: vertices that nothing about their links and what lies beyond tells apart.
//
// Start from given colours. Vertices of one colour are told apart by the bandwidth, in and out, that they have to each
// colour, again and again until nothing changes: the coarsest equitable partition that refines the start (Grohe,
// Kersting, Mladenov and Selman, "Dimension Reduction via Colour Refinement", ESA 2014). A round costs a sweep over the
// links; there are about as many as the longest way from one difference to another has hops. Where that is too many,
// every vertex gets a colour of its own.
#pragma once

#include <cstdint>
#include <vector>

#include "topology/fabric.h"

namespace orrery {

struct Colouring {
  std::vector<std::uint32_t> colours;  // of each vertex, dense from 0 in order of first vertex
  std::uint32_t count = 0;
};

// On-package links are left out. Bandwidths to a colour are told apart by a 64-bit hash of their sums.
[[nodiscard]] Colouring refine(const Fabric& fabric, Colouring start);

}  // namespace orrery
