// The ring algorithms: every member sends to the next one only, pieces travel round.
//
// All-reduce, n members: the vector is cut in n pieces. In repeat r = 0 … n−2 the member at place i of the ring sends
// piece i − r (mod n) on, and the next adds it to its own; after n−1 repeats each holds one finished piece. In repeats
// n−1 … 2n−3 the finished pieces go round. Each member sends 2(n−1)/n of the vector, which no algorithm without help
// from the network can beat (Patarasuk and Yuan, "Bandwidth optimal all-reduce algorithms for clusters of
// workstations", 2009). All-gather and reduce-scatter are its halves.
//
// Broadcast goes down a chain, the ring cut open before its root, in chunks of about 512 KiB: the slot size of NCCL's
// default buffers (NCCL_BUFFSIZE 4 MiB in 8 slots). At most 1,024 chunks; larger messages have larger chunks.
//
// With several rings (rings.h) each carries an equal part of the vector.
#include <algorithm>
#include <cassert>

#include "sim/collective/rings.h"
#include "sim/collective/schedule.h"

namespace orrery {

namespace {

using Ring = std::vector<std::int32_t>;

Bytes piece_of(Bytes bytes, std::size_t pieces) {
  return Bytes(divide(bytes.count(), static_cast<std::int64_t>(pieces), Rounding::kUp));
}

std::int32_t narrow(std::size_t number) { return static_cast<std::int32_t>(number); }

// Every member to the next, for `rounds` times n − 1 repeats, of which the first n − 1 reduce if `reduces`.
Step round_trip(const std::vector<Ring>& channels, Bytes bytes, std::int32_t rounds, bool reduces) {
  const std::size_t n = channels.front().size();
  const std::int32_t hops = narrow(n) - 1;
  Step step;
  step.bytes = piece_of(bytes, n * channels.size());
  step.repeats = rounds * hops;
  step.transfers.reserve(channels.size() * n * static_cast<std::size_t>(rounds));
  for (std::size_t c = 0; c < channels.size(); ++c) {
    const Ring& ring = channels[c];
    for (std::size_t i = 0; i < n; ++i) {
      const std::int32_t next = ring[i + 1 == n ? 0 : i + 1];
      for (std::int32_t round = 0; round < rounds; ++round)
        step.transfers.push_back({ring[i], next, round * hops, hops, reduces && round == 0, narrow(c)});
    }
  }
  return step;
}

// From position 0 down each ring, chunk after chunk.
Step chain(const std::vector<Ring>& channels, Bytes bytes) {
  constexpr std::int64_t kChunk = 512 << 10;
  constexpr std::int64_t kMostChunks = 1024;
  const std::size_t n = channels.front().size();
  const std::int64_t share = piece_of(bytes, channels.size()).count();
  const std::int64_t chunks = std::clamp<std::int64_t>(divide(share, kChunk, Rounding::kUp), 1, kMostChunks);
  Step step;
  step.bytes = piece_of(bytes, channels.size() * static_cast<std::size_t>(chunks));
  step.repeats = static_cast<std::int32_t>(chunks) + narrow(n) - 2;
  for (std::size_t c = 0; c < channels.size(); ++c) {
    Ring ring = channels[c];
    std::rotate(ring.begin(), std::find(ring.begin(), ring.end(), 0), ring.end());
    for (std::size_t i = 0; i + 1 < n; ++i)
      step.transfers.push_back({ring[i], ring[i + 1], narrow(i), static_cast<std::int32_t>(chunks), false, narrow(c)});
  }
  return step;
}

bool supports_ring(CollectiveKind kind) { return kind != CollectiveKind::kAllToAll; }

Schedule write_ring(CollectiveKind kind, const Group& group, Bytes bytes) {
  assert(supports_ring(kind));
  Schedule schedule;
  if (group.size() < 2) return schedule;
  switch (kind) {
    case CollectiveKind::kAllReduce:
      schedule.steps.push_back(round_trip(rings(group), bytes, 2, true));
      break;
    case CollectiveKind::kReduceScatter:
      schedule.steps.push_back(round_trip(rings(group), bytes, 1, true));
      break;
    case CollectiveKind::kAllGather:
      schedule.steps.push_back(round_trip(rings(group), bytes, 1, false));
      break;
    case CollectiveKind::kBroadcast:
      schedule.steps.push_back(chain(rings(group), bytes));
      break;
    case CollectiveKind::kSendRecv:
      schedule.steps.push_back({{Transfer{0, 1, 0, 1, false}}, bytes, 1});
      break;
    case CollectiveKind::kAllToAll:
      break;
  }
  return schedule;
}

const CollectiveAlgorithms::Entry kRing{
    {"ring", "neighbour to neighbour, one ring a NIC: least bytes, latency grows with the group", false, &supports_ring,
     &write_ring}};

}  // namespace

}  // namespace orrery
