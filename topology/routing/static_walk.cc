// Walks down the distances by a choice that the destination makes.
#include "topology/routing/static_walk.h"

#include <algorithm>
#include <cassert>
#include <tuple>

#include "topology/attachment.h"

namespace orrery {

StaticWalk::StaticWalk(const Fabric& fabric, std::vector<std::uint8_t> ranks)
    : paths_(fabric), ranks_(std::move(ranks)), numbers_(spreading_order(fabric)) {}

std::uint8_t StaticWalk::rank(const Adjacency::Arc& arc) const {
  const std::uint8_t dimension = fabric().links()[LinkId(arc.link)].dimension;
  return ranks_.empty() ? dimension : ranks_[dimension];
}

std::uint32_t StaticWalk::find_hops(const MinimalPaths::Descent& descent, VertexId vertex, std::uint32_t left) {
  hops_.clear();
  paths_.append_hops(descent, vertex, left, hops_);
  assert(!hops_.empty());
  std::uint8_t first = rank(hops_.front());
  for (const Adjacency::Arc& arc : hops_) first = std::min(first, rank(arc));
  std::erase_if(hops_, [&](const Adjacency::Arc& arc) { return rank(arc) != first; });
  // Forward directions before return ones: on a ring of even size the two ways to the opposite side stand in the same
  // order everywhere.
  const Table<LinkId, Link>& links = fabric().links();
  std::sort(hops_.begin(), hops_.end(), [&](const Adjacency::Arc& a, const Adjacency::Arc& b) {
    return std::tuple(links[LinkId(a.link)].is_return, a.other, a.link) <
           std::tuple(links[LinkId(b.link)].is_return, b.other, b.link);
  });
  std::uint32_t vertices = 1;
  for (std::size_t i = 1; i < hops_.size(); ++i) vertices += hops_[i].other != hops_[i - 1].other ? 1 : 0;
  return vertices;
}

Adjacency::Arc StaticWalk::pick(std::uint32_t vertices, Digit digit) const {
  std::size_t first = 0;
  for (std::uint32_t wanted = digit.number % vertices; wanted > 0; --wanted) {
    const std::uint32_t other = hops_[first].other;
    while (hops_[first].other == other) ++first;
  }
  std::size_t last = first;
  while (last < hops_.size() && hops_[last].other == hops_[first].other) ++last;
  return hops_[first + digit.rest % (last - first)];
}

void StaticWalk::append(VertexId from, VertexId to, ChipId bound_for, std::vector<LinkId>& path) {
  if (from == to) return;
  const MinimalPaths::Descent descent = paths_.descent(from, to);
  digits_.clear();
  VertexId vertex = from;
  std::uint32_t number = numbers_[bound_for];
  for (std::uint32_t hop = 0; hop < descent.length; ++hop) {
    const std::uint32_t vertices = find_hops(descent, vertex, descent.length - hop);
    // CORRECTNESS: on the way down a tree each level goes by what it went by on the way up, so that the cables down to
    // a leaf share its destinations as evenly as the cables up would.
    const bool is_outward = 2 * hop < descent.length;
    digits_.push_back(is_outward ? Digit{number, number / vertices} : digits_[descent.length - 1 - hop]);
    const Adjacency::Arc arc = pick(vertices, digits_.back());
    // Directions on a grid all go by the same number: each dimension is then balanced by itself.
    if (is_outward && paths_.kind(arc.other) != VertexKind::kEngine) number = digits_.back().rest;
    path.emplace_back(arc.link);
    vertex = VertexId(arc.other);
  }
}

}  // namespace orrery
