// Rings by node: each ring's stretch through a node starts and ends at members of its own.
#include "sim/collective/rings.h"

#include <algorithm>
#include <cstddef>

#include "sim/collective/nodes.h"

namespace orrery {

namespace {

using Positions = std::vector<std::int32_t>;

// Larger ones have a single ring: schedules of so many rings would outgrow memory.
constexpr std::size_t kMostOfClique = 64;

// All members from `enter` on, wrapping round, with `leave` kept for the end.
void append_stretch(Positions& ring, const Positions& members, std::size_t enter, std::size_t leave) {
  for (std::size_t k = 0; k < members.size(); ++k) {
    const std::size_t at = (enter + k) % members.size();
    if (at != leave || at == enter) ring.push_back(members[at]);
  }
  if (leave != enter) ring.push_back(members[leave]);
}

// 0, 1, −1, 2, −2, … (mod n): neighbours are 1, 2, 3, … apart, by turns up and down.
std::vector<std::size_t> zigzag(std::size_t n) {
  std::vector<std::size_t> places;
  for (std::size_t k = 0; k < n; ++k) places.push_back(k % 2 == 1 ? (k + 1) / 2 : (n - k / 2) % n);
  return places;
}

// Of n members joined each to each.
std::vector<Positions> rings_of_clique(const Positions& members) {
  const std::size_t others = members.size() - 1;
  const std::vector<std::size_t> places = zigzag(others);
  const std::size_t turns = others % 2 == 0 ? others / 2 : others;
  std::vector<Positions> all;
  for (std::size_t turn = 0; turn < turns; ++turn) {
    Positions ring = {members.back()};
    for (const std::size_t place : places) ring.push_back(members[(place + turn) % others]);
    all.push_back(ring);
    std::reverse(ring.begin() + 1, ring.end());
    all.push_back(ring);
  }
  return all;
}

// Over several nodes, in each of which the members are joined each to each.
std::vector<Positions> rings_over_cliques(const Nodes& nodes) {
  const std::size_t each = nodes.front().size();
  const std::vector<std::size_t> places = zigzag(each);
  std::vector<Positions> all(each);
  for (std::size_t c = 0; c < each; ++c) {
    for (std::size_t k = 0; k < nodes.size(); ++k) {
      for (std::size_t i = 0; i < each; ++i)
        all[c].push_back(nodes[k][(places[k % 2 == 0 ? i : each - 1 - i] + c) % each]);
    }
  }
  return all;
}

}  // namespace

std::vector<Positions> rings(const Group& group) {
  const std::vector<Positions> nodes = by_node(group);
  std::size_t count = least_members(nodes);
  const bool alike =
      std::all_of(nodes.begin(), nodes.end(), [&](const Positions& members) { return members.size() == count; });
  if (group.cliques && alike && count > 2 && count <= kMostOfClique)
    return nodes.size() == 1 ? rings_of_clique(nodes[0]) : rings_over_cliques(nodes);
  if (nodes.size() < 2) count = std::min<std::size_t>(count, 1);
  std::vector<Positions> all(count);
  for (std::size_t c = 0; c < count; ++c) {
    const std::size_t partner = count % 2 == 0 ? c ^ std::size_t{1} : (c + 1) % count;
    for (std::size_t k = 0; k < nodes.size(); ++k) {
      const Positions& members = nodes[k];
      if (count == 1) {
        append_stretch(all[c], members, 0, members.size() - 1);
      } else if (k % 2 == 0) {
        append_stretch(all[c], members, c, partner);
      } else {
        append_stretch(all[c], members, partner, c);
      }
    }
  }
  return all;
}

}  // namespace orrery
