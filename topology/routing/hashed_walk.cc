// Walks down the distances by a hash.
#include "topology/routing/hashed_walk.h"

#include <cassert>

namespace orrery {

void HashedWalk::append(VertexId from, VertexId to, std::uint64_t hash, std::vector<LinkId>& path) {
  const MinimalPaths::Descent descent = paths_.descent(from, to);
  VertexId vertex = from;
  for (std::uint32_t left = descent.length; left > 0; --left) {
    hops_.clear();
    paths_.append_hops(descent, vertex, left, hops_);
    assert(!hops_.empty());
    const Adjacency::Arc arc = hops_[scrambled(hash ^ scrambled(vertex.index())) % hops_.size()];
    path.emplace_back(arc.link);
    vertex = VertexId(arc.other);
  }
}

}  // namespace orrery
