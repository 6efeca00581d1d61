// Bruck's algorithms: ⌈log₂ n⌉ steps for any number of members, for messages so short that latency is all.
//
// All-gather: before the step of distance d (1, 2, 4, …) member p holds the pieces p … p + d − 1 (mod n); it sends the
// first min(d, n − d) of them to member p − d, so that everyone holds twice as many. Reduce-scatter is that backwards:
// distances fall, what was received is sent, and arrivals are added. All-reduce is the one, then the other.
// All-to-all: in the step of distance d a block that has (destination − where it is) mod n with bit d set moves d
// members up. That is up to n ÷ 2 blocks a step: more bytes than sending each block straight, in fewer messages.
// Source: Bruck, Ho, Kipnis, Upfal, Weathersby 1997, "Efficient algorithms for all-to-all communications in
// multiport message-passing systems", IEEE TPDS 8(11).
#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/collective/ring_steps.h"

namespace orrery {

namespace {

// Every member p sends `pieces` pieces to p + distance (mod n): from its own on, or from its receiver's on to add up.
Step shift(std::int64_t n, std::int64_t distance, std::int64_t pieces, Bytes each, bool reduces) {
  Step step;
  step.bytes = each;
  step.transfers.reserve(static_cast<std::size_t>(n));
  for (std::int64_t p = 0; p < n; ++p) {
    Transfer transfer;
    transfer.from = static_cast<std::int32_t>(p);
    transfer.to = static_cast<std::int32_t>((p + distance) % n);
    transfer.reduces = reduces;
    transfer.piece = reduces ? transfer.to : transfer.from;
    transfer.pieces = static_cast<std::int32_t>(pieces);
    transfer.period = static_cast<std::int32_t>(n);
    step.transfers.push_back(transfer);
  }
  return step;
}

std::vector<std::int64_t> distances(std::int64_t n) {
  std::vector<std::int64_t> powers;
  for (std::int64_t d = 1; d < n; d *= 2) powers.push_back(d);
  return powers;
}

void gather(std::int64_t n, Bytes each, std::vector<Step>& steps) {
  for (const std::int64_t d : distances(n)) steps.push_back(shift(n, n - d, std::min(d, n - d), each, false));
}

void scatter_sums(std::int64_t n, Bytes each, std::vector<Step>& steps) {
  std::vector<std::int64_t> falling = distances(n);
  std::reverse(falling.begin(), falling.end());
  for (const std::int64_t d : falling) steps.push_back(shift(n, d, std::min(d, n - d), each, true));
}

void exchange(std::int64_t n, Bytes each, std::vector<Step>& steps) {
  for (const std::int64_t d : distances(n)) {
    // Of the offsets 0 … n − 1: those with bit d set.
    const std::int64_t blocks = n / (2 * d) * d + std::max<std::int64_t>(0, n % (2 * d) - d);
    steps.push_back(shift(n, d, blocks, each, false));
    for (Transfer& transfer : steps.back().transfers) transfer.piece = kAnyPiece;  // not in one stretch
  }
}

bool supports_bruck(CollectiveKind kind) {
  return kind == CollectiveKind::kAllReduce || kind == CollectiveKind::kAllGather ||
         kind == CollectiveKind::kReduceScatter || kind == CollectiveKind::kAllToAll;
}

Schedule write_bruck(CollectiveKind kind, const Group& group, Bytes bytes) {
  const auto n = static_cast<std::int64_t>(group.size());
  Schedule schedule;
  if (n < 2) return schedule;
  schedule.pieces = static_cast<std::int32_t>(n);
  const Bytes each = piece_of(bytes, n);
  if (kind == CollectiveKind::kReduceScatter || kind == CollectiveKind::kAllReduce)
    scatter_sums(n, each, schedule.steps);
  if (kind == CollectiveKind::kAllGather || kind == CollectiveKind::kAllReduce) gather(n, each, schedule.steps);
  if (kind == CollectiveKind::kAllToAll) exchange(n, each, schedule.steps);
  return schedule;
}

const CollectiveAlgorithms::Entry kBruck{{"bruck", "doubling distances: log n steps for any n, for short messages",
                                          kAnyMembers, &supports_bruck, &write_bruck}};

}  // namespace

}  // namespace orrery
