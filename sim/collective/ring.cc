// The ring algorithms: every member sends to the next one only, pieces travel round.
//
// All-reduce, n members: the vector is cut in n pieces. In repeat r = 0 … n−2 the member at place i of the ring sends
// piece i − 1 − r (mod n) on, and the next adds it to its own; after n−1 repeats each holds one finished piece. In
// repeats n−1 … 2n−3 the finished pieces go round. Each member sends 2(n−1)/n of the vector, which no algorithm without
// help from the network can beat (Patarasuk and Yuan, "Bandwidth optimal all-reduce algorithms for clusters of
// workstations", 2009). All-gather and reduce-scatter are its halves. Broadcast goes down a chain, reduce up one, in
// chunks.
//
// On one bandwidth B with latency α: all-reduce 2(n−1)(α + S/(nB)), its halves half of that; broadcast and reduce of k
// chunks (n − 1)α + (k + n − 2)S/(kB). With several rings (rings.h) each carries an equal part of the vector.
#include <cassert>

#include "sim/collective/ring_steps.h"
#include "sim/collective/rings.h"

namespace orrery {

namespace {

bool supports_ring(CollectiveKind kind) {
  switch (kind) {
    case CollectiveKind::kAllReduce:
    case CollectiveKind::kAllGather:
    case CollectiveKind::kReduceScatter:
    case CollectiveKind::kBroadcast:
    case CollectiveKind::kReduce:
    case CollectiveKind::kSendRecv:
      return true;
    default:
      return false;
  }
}

Schedule write_ring(CollectiveKind kind, const Group& group, Bytes bytes) {
  assert(supports_ring(kind));
  if (group.size() < 2) return {};
  switch (kind) {
    case CollectiveKind::kBroadcast:
    case CollectiveKind::kReduce:
      return chain(kind, rings(group), bytes);
    case CollectiveKind::kSendRecv:
      return {{{{{.from = 0, .to = 1}}, bytes, 1}}, 1};
    default:
      return round_trip(kind, rings(group), bytes);
  }
}

const CollectiveAlgorithms::Entry kRing{
    {"ring", "neighbour to neighbour, one ring a NIC: least bytes, latency grows with the group", kAnyMembers,
     &supports_ring, &write_ring}};

}  // namespace

}  // namespace orrery
