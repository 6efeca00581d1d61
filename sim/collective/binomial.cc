// Binomial trees: ⌈log₂ n⌉ steps to or from the root, whole messages.
//
// In the step of distance d = 1, 2, 4, … the members p with p mod 2d = d give what they have to p − d: a reduce
// ⌈log₂ n⌉(α + S/B), or a gather ⌈log₂ n⌉α + (n−1)S/(nB), in which messages grow. Broadcast and scatter are the same
// backwards; a barrier is a reduce and a broadcast of nothing. Source: Thakur, Rabenseifner, Gropp 2005, "Optimization
// of collective communication operations in MPICH", IJHPCA 19(1), sections 3.1 and 4.
#include <algorithm>

#include "sim/collective/ring_steps.h"

namespace orrery {

namespace {

bool supports_binomial(CollectiveKind kind) {
  return kind == CollectiveKind::kBroadcast || kind == CollectiveKind::kReduce || kind == CollectiveKind::kGather ||
         kind == CollectiveKind::kScatter || kind == CollectiveKind::kBarrier;
}

// Towards the root. In pieces: each of a member's subtree one; else all have the whole vector.
void climb(std::int32_t n, bool in_pieces, bool reduces, std::vector<Step>& steps) {
  for (std::int32_t distance = 1; distance < n; distance *= 2) {
    Step step;
    for (std::int32_t p = distance; p < n; p += 2 * distance)
      step.transfers.push_back({.from = p,
                                .to = p - distance,
                                .reduces = reduces,
                                .piece = in_pieces ? p : 0,
                                .pieces = in_pieces ? std::min(distance, n - p) : 1});
    steps.push_back(std::move(step));
  }
}

void descend(std::int32_t n, bool in_pieces, std::vector<Step>& steps) {
  std::vector<Step> upward;
  climb(n, in_pieces, false, upward);
  std::reverse(upward.begin(), upward.end());
  for (Step& step : upward) {
    for (Transfer& transfer : step.transfers) std::swap(transfer.from, transfer.to);
    steps.push_back(std::move(step));
  }
}

Schedule write_binomial(CollectiveKind kind, const Group& group, Bytes bytes) {
  const auto n = static_cast<std::int32_t>(group.size());
  const bool in_pieces = kind == CollectiveKind::kGather || kind == CollectiveKind::kScatter;
  Schedule schedule;
  schedule.pieces = in_pieces ? n : 1;
  if (kind == CollectiveKind::kReduce || kind == CollectiveKind::kGather || kind == CollectiveKind::kBarrier)
    climb(n, in_pieces, kind != CollectiveKind::kGather, schedule.steps);
  if (kind == CollectiveKind::kBroadcast || kind == CollectiveKind::kScatter || kind == CollectiveKind::kBarrier)
    descend(n, in_pieces, schedule.steps);
  const Bytes all = kind == CollectiveKind::kBarrier ? Bytes(0) : bytes;
  for (Step& step : schedule.steps) step.bytes = piece_of(all, schedule.pieces);
  return schedule;
}

const CollectiveAlgorithms::Entry kBinomial{{"binomial", "to or from a root up or down a binomial tree: log n steps",
                                             kAnyMembers, &supports_binomial, &write_binomial}};

}  // namespace

}  // namespace orrery
