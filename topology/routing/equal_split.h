// What a chip sends split evenly at every vertex over all cables that lead nearer: packets sprayed hop by hop.
#pragma once

#include <cstdint>
#include <vector>

#include "topology/minimal_paths.h"
#include "topology/path_bundle.h"

namespace orrery {

// A path's share is the product of 1 ÷ (cables to choose from) over its vertices: equal at every hop, as switches
// spray, not equal over paths. At most `most_paths` paths: a vertex that has more cables than there are paths left for
// it takes as many as that, evenly spaced among them from one that a hash of the pair chooses, so that pairs together
// still use all; and where it has fewer, each cable gets the same whole number of paths.
class EqualSplit {
 public:
  EqualSplit(const Fabric& fabric, std::size_t most_paths) : paths_(fabric), most_paths_(most_paths) {}

  // Adds the paths to the bundle. RunError("no path from … to …").
  void split(ChipId from, ChipId to, PathBundle& bundle);
  // Whether nothing had to be left out so far: then no hash decided anything.
  [[nodiscard]] bool is_whole() const { return is_whole_; }

 private:
  void split_at(VertexId vertex, std::uint32_t left, std::size_t most_paths, double share);

  MinimalPaths paths_;
  std::size_t most_paths_;
  MinimalPaths::Descent descent_;  // of the pair at hand, as is what follows
  std::uint64_t hash_ = 0;
  bool is_whole_ = true;
  PathBundle* bundle_ = nullptr;
  std::vector<LinkId> path_;          // to the vertex at hand
  std::vector<Adjacency::Arc> hops_;  // of all vertices on that path
};

}  // namespace orrery
