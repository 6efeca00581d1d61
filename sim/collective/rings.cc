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

// The k-th of 0, 1, −1, 2, −2, … (mod n): neighbours are 1, 2, 3, … apart, by turns up and down.
std::size_t zigzag(std::size_t k, std::size_t n) { return k % 2 == 1 ? (k + 1) / 2 : (n - k / 2) % n; }

// All members by zigzags from `enter` on, or the same way back.
void append_zigzag(Positions& ring, const Positions& members, std::size_t enter, bool back) {
  const std::size_t n = members.size();
  for (std::size_t k = 0; k < n; ++k) ring.push_back(members[(zigzag(back ? n - 1 - k : k, n) + enter) % n]);
}

// Of n members joined each to each.
std::vector<Positions> rings_of_clique(const Positions& members) {
  const Positions others(members.begin(), members.end() - 1);
  const std::size_t turns = others.size() % 2 == 0 ? others.size() / 2 : others.size();
  std::vector<Positions> all;
  for (std::size_t turn = 0; turn < turns; ++turn) {
    for (const bool back : {false, true}) {
      all.push_back({members.back()});
      append_zigzag(all.back(), others, turn, back);
    }
  }
  return all;
}

}  // namespace

std::vector<Positions> rings(const Group& group) {
  const std::vector<Positions> nodes = by_node(group);
  std::size_t count = least_members(nodes);
  const bool over_cables =
      group.cliques && count > 2 && count <= kMostOfClique &&
      std::all_of(nodes.begin(), nodes.end(), [&](const Positions& members) { return members.size() == count; });
  if (over_cables && nodes.size() == 1) return rings_of_clique(nodes[0]);
  if (nodes.size() < 2) count = std::min<std::size_t>(count, 1);
  std::vector<Positions> all(count);
  for (std::size_t c = 0; c < count; ++c) {
    const std::size_t partner = count % 2 == 0 ? c ^ std::size_t{1} : (c + 1) % count;
    for (std::size_t k = 0; k < nodes.size(); ++k) {
      const Positions& members = nodes[k];
      if (count == 1) {
        append_stretch(all[c], members, 0, members.size() - 1);
      } else if (over_cables) {
        append_zigzag(all[c], members, c, k % 2 == 1);
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
