// Walks every way down the distances, as many as may be.
#include "topology/routing/equal_split.h"

#include <algorithm>

#include "topology/routing/hashed_walk.h"

namespace orrery {

void EqualSplit::split(ChipId from, ChipId to, PathBundle& bundle) {
  const Fabric& fabric = paths_.fabric();
  descent_ = paths_.descent(fabric.engine(from), fabric.engine(to));
  hash_ = hash_of_flow(0, from, to);
  bundle_ = &bundle;
  path_.clear();
  hops_.clear();
  split_at(fabric.engine(from), descent_.length, most_paths_, 1);
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the path is long
void EqualSplit::split_at(VertexId vertex, std::uint32_t left, std::size_t most_paths, double share) {
  if (left == 0) {
    bundle_->add(path_, share);
    return;
  }
  const std::size_t first = hops_.size();
  paths_.append_hops(descent_, vertex, left, hops_);
  const std::size_t cables = hops_.size() - first;
  const std::size_t taken = std::min(cables, most_paths);
  is_whole_ = is_whole_ && taken == cables;
  const std::size_t start = taken < cables ? scrambled(hash_ ^ scrambled(vertex.index())) % cables : 0;
  for (std::size_t i = 0; i < taken; ++i) {
    const Adjacency::Arc arc = hops_[first + (start + i * cables / taken) % cables];
    path_.emplace_back(arc.link);
    split_at(VertexId(arc.other), left - 1, most_paths / taken, share / static_cast<double>(taken));
    path_.pop_back();
  }
  hops_.resize(first);
}

}  // namespace orrery
