// Walks down the distances by a choice that the destination makes.
#include "topology/routing/static_walk.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <tuple>

#include "topology/attachment.h"

namespace orrery {
namespace {

constexpr std::uint64_t kMostPeriod = std::uint64_t{1} << 32U;  // no chip has such a number: ÷ more, all leave 0

}  // namespace

StaticWalk::StaticWalk(const Fabric& fabric, std::vector<std::uint8_t> ranks)
    : paths_(fabric), ranks_(std::move(ranks)), numbers_(spreading_order(fabric)) {}

std::uint8_t StaticWalk::rank(const Adjacency::Arc& arc) const {
  const std::uint8_t dimension = fabric().links()[LinkId(arc.link)].dimension;
  return ranks_.empty() ? dimension : ranks_[dimension];
}

void StaticWalk::find_hops(const MinimalPaths::Descent& descent, VertexId vertex, std::uint32_t left,
                           std::vector<Adjacency::Arc>& arcs) const {
  const auto begin = static_cast<std::ptrdiff_t>(arcs.size());
  paths_.append_hops(descent, vertex, left, arcs);
  assert(begin < static_cast<std::ptrdiff_t>(arcs.size()));
  std::uint8_t first = rank(arcs[static_cast<std::size_t>(begin)]);
  for (auto arc = arcs.begin() + begin; arc != arcs.end(); ++arc) first = std::min(first, rank(*arc));
  arcs.erase(
      std::remove_if(arcs.begin() + begin, arcs.end(), [&](const Adjacency::Arc& arc) { return rank(arc) != first; }),
      arcs.end());
  // Forward directions before return ones: on a ring of even size the two ways to the opposite side stand in the same
  // order everywhere.
  const Table<LinkId, Link>& links = fabric().links();
  std::sort(arcs.begin() + begin, arcs.end(), [&](const Adjacency::Arc& a, const Adjacency::Arc& b) {
    return std::tuple(links[LinkId(a.link)].is_return, a.other, a.link) <
           std::tuple(links[LinkId(b.link)].is_return, b.other, b.link);
  });
}

StaticWalk::Hops StaticWalk::hops(const MinimalPaths::Descent& descent, VertexId vertex, std::uint32_t left) {
  const auto vertices_of = [](std::span<const Adjacency::Arc> arcs) {
    std::uint32_t vertices = 1;
    for (std::size_t i = 1; i < arcs.size(); ++i) vertices += arcs[i].other != arcs[i - 1].other ? 1 : 0;
    return vertices;
  };
  if (!descent.is_shared(vertex.index())) {
    hops_.clear();
    find_hops(descent, vertex, left, hops_);
    return {hops_, vertices_of(hops_)};
  }
  constexpr std::size_t kMostShared = std::size_t{1} << 21U;  // arcs
  if (shared_.size() > kMostShared) {
    shared_.clear();
    found_.clear();
  }
  const std::uint64_t key = (std::uint64_t{descent.approach->gateway} << 32U | vertex.index()) * kTransitCount +
                            static_cast<std::uint64_t>(descent.transit);
  const auto [entry, added] = found_.try_emplace(key);
  Found& found = entry->second;
  if (added) {
    found.first = static_cast<std::uint32_t>(shared_.size());
    find_hops(descent, vertex, left, shared_);
    found.count = static_cast<std::uint32_t>(shared_.size()) - found.first;
    found.vertices = vertices_of(std::span(shared_).subspan(found.first));
  }
  return {std::span(shared_).subspan(found.first, found.count), found.vertices};
}

void StaticWalk::note_choice(std::uint64_t divisor, std::uint64_t ways) {
  if (ways < 2 || divisor > kMostPeriod || period_ % (divisor * ways) == 0) return;
  const std::uint64_t period = std::lcm(period_, divisor * ways);
  period_ = period <= kMostPeriod ? period : 0;
}

Adjacency::Arc StaticWalk::pick(const Hops& hops, const Digit& digit) {
  const std::span<const Adjacency::Arc> arcs = hops.arcs;
  std::size_t first = 0;
  for (std::uint32_t wanted = digit.number % hops.vertices; wanted > 0; --wanted) {
    const std::uint32_t other = arcs[first].other;
    while (arcs[first].other == other) ++first;
  }
  std::size_t last = first;
  while (last < arcs.size() && arcs[last].other == arcs[first].other) ++last;
  note_choice(digit.divisor, hops.vertices);
  note_choice(digit.divisor * digit.ways, last - first);
  return arcs[first + digit.rest() % (last - first)];
}

void StaticWalk::append(VertexId from, VertexId to, ChipId bound_for, std::vector<LinkId>& path) {
  if (from == to) return;
  const MinimalPaths::Descent descent = paths_.descent(from, to);
  digits_.clear();
  VertexId vertex = from;
  Digit digit{numbers_[bound_for]};
  for (std::uint32_t hop = 0; hop < descent.length; ++hop) {
    const Hops next = hops(descent, vertex, descent.length - hop);
    digit.ways = next.vertices;
    // CORRECTNESS: on the way down a tree each level goes by what it went by on the way up, so that the cables down to
    // a leaf share its destinations as evenly as the cables up would.
    const bool is_outward = 2 * hop < descent.length;
    digits_.push_back(is_outward ? digit : digits_[descent.length - 1 - hop]);
    const Adjacency::Arc arc = pick(next, digits_.back());
    // Directions on a grid all go by the same number: each dimension is then balanced by itself.
    if (is_outward && paths_.kind(arc.other) != VertexKind::kEngine)
      digit = {digit.rest(), 1, std::min(digit.divisor * digit.ways, kMostPeriod + 1)};
    path.emplace_back(arc.link);
    vertex = VertexId(arc.other);
  }
}

}  // namespace orrery
