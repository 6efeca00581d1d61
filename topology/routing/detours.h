// Paths by way of a place chosen by hash, which need not lie on any shortest path.
#pragma once

#include <vector>

#include "topology/routing/hashed_walk.h"

namespace orrery {

// The places are the switches that chips hang on (topology/attachment.h): leaves of a tree, routers of a dragonfly; and
// chips that hang on no switch: those of rings, meshes and tori. Both legs are hashed shortest paths; where they meet,
// the loop between is left out.
class Detours {
 public:
  explicit Detours(const Fabric& fabric);

  // A detour can do nothing for chips on one switch, nor for those of one node that hang on switches.
  [[nodiscard]] bool has_any(ChipId from, ChipId to) const;
  // Appends a path by way of the place that the hash chooses; it may be a shortest path after all.
  void append(ChipId from, ChipId to, std::uint64_t hash, std::vector<LinkId>& path);
  void append_shortest(ChipId from, ChipId to, std::uint64_t hash, std::vector<LinkId>& path);

 private:
  HashedWalk walk_;
  Table<ChipId, VertexId> hang_on_;
  std::vector<VertexId> places_;
};

}  // namespace orrery
