// The ring algorithms both ways round at once: each direction carries half of the vector.
//
// Where a link's two directions have bandwidth B each (a ring or torus of links, full duplex) that halves the time of a
// ring: all-reduce 2(n−1)(α + S/(2nB)). Where a member sends everything through one port, as on a switch, it only
// makes the pieces smaller. Source: Chan, Heimlich, Purkayastha, van de Geijn 2007, "Collective communication: theory,
// practice, and experience", Concurrency and Computation 19(13), the bucket algorithms on bidirectional links.
#include <algorithm>

#include "sim/collective/ring_steps.h"
#include "sim/collective/rings.h"

namespace orrery {

namespace {

Rings both_ways(const Group& group) {
  Rings all = rings(group);
  const std::size_t one_way = all.size();
  for (std::size_t c = 0; c < one_way; ++c) all.emplace_back(all[c].rbegin(), all[c].rend());
  return all;
}

bool supports_both_ways(CollectiveKind kind) {
  return kind == CollectiveKind::kAllReduce || kind == CollectiveKind::kAllGather ||
         kind == CollectiveKind::kReduceScatter || kind == CollectiveKind::kBroadcast ||
         kind == CollectiveKind::kReduce;
}

Schedule write_both_ways(CollectiveKind kind, const Group& group, Bytes bytes) {
  if (group.size() < 2) return {};
  return kind == CollectiveKind::kBroadcast || kind == CollectiveKind::kReduce
             ? chain(kind, both_ways(group), bytes)
             : round_trip(kind, both_ways(group), bytes);
}

const CollectiveAlgorithms::Entry kBidirectionalRing{
    {"bidirectional_ring", "each ring both ways round, half of the vector each: for links that carry both at once",
     kAnyMembers, &supports_both_ways, &write_both_ways}};

}  // namespace

}  // namespace orrery
