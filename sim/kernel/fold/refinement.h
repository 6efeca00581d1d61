// Colour refinement: the coarsest equitable partition of a graph whose edges carry labels.
#pragma once

#include <cstdint>
#include <vector>

namespace orrery::kernel {

// Vertices 0 … n−1; every edge is seen from both of its ends, with the same label.
struct LabelledGraph {
  struct Edge {
    std::uint32_t a = 0;
    std::uint32_t b = 0;
    std::uint32_t label = 0;
  };
  std::vector<std::uint64_t> colours;  // to begin with: what may be in one class at all has the same
  std::vector<Edge> edges;
};

// A class for each vertex, numbered in order of their first vertices. Two vertices of a class have the same initial
// colour and, for every class and label, equally many edges of that label into that class; no coarser partition does.
//
// Each round gives a vertex a new colour out of its own and the multiset of (label, colour) at its edges, until no
// class splits any more (Weisfeiler and Leman 1968). A multiset is summed up as a sum of scrambled 64-bit numbers, so
// a round costs O(vertices·log vertices + edges), without sorting edges; there are as many rounds as differences have
// steps to travel, mostly a handful.
//
// CORRECTNESS: hashes that collide could join what differs. The result is therefore checked against the definition,
// exactly, by sorting edges; on a mismatch refinement starts anew from another seed.
[[nodiscard]] std::vector<std::uint32_t> refine(const LabelledGraph& graph);

// The definition itself: whether `classes` is equitable on this graph and respects its colours.
[[nodiscard]] bool is_equitable(const LabelledGraph& graph, const std::vector<std::uint32_t>& classes);

}  // namespace orrery::kernel
