// A minimal path on which every hop is picked by a hash of the flow: what switches with ECMP do.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/scrambled.h"
#include "topology/minimal_paths.h"

namespace orrery {

// `flow`: which of the flows between the two chips.
[[nodiscard]] constexpr std::uint64_t hash_of_flow(std::uint64_t seed, ChipId from, ChipId to, std::uint64_t flow = 0) {
  const std::uint64_t pair = (std::uint64_t{from.index()} << 32U) | to.index();
  return scrambled(scrambled(scrambled(seed) ^ pair) + flow);
}

class HashedWalk {
 public:
  explicit HashedWalk(const Fabric& fabric) : paths_(fabric) {}

  // Appends the path from one vertex to another. At each vertex the cables that lead nearer are all alike, parallel
  // ones too; the vertex is hashed along with the flow, so that switches one after another choose independently.
  // RunError("no path from … to …").
  void append(VertexId from, VertexId to, std::uint64_t hash, std::vector<LinkId>& path);
  [[nodiscard]] const Fabric& fabric() const { return paths_.fabric(); }

 private:
  MinimalPaths paths_;
  std::vector<Adjacency::Arc> hops_;
};

}  // namespace orrery
