// Pairwise exchange: an all-to-all in n − 1 rounds, in each of which every member has one partner.
//
// In round k = 1 … n − 1 member p sends to p + k (mod n) and receives from p − k; where n is a power of two it
// exchanges with p xor k. It never has more than one message to send and one to receive: (n−1)(α + S/(nB)), more
// latency than the direct algorithm, no incast. Uneven blocks make each round as long as its largest. Source: Thakur,
// Rabenseifner, Gropp 2005, "Optimization of collective communication operations in MPICH", IJHPCA 19(1), section 3.2.
#include <bit>

#include "sim/collective/blocks.h"

namespace orrery {

namespace {

bool supports_pairwise(CollectiveKind kind) {
  return kind == CollectiveKind::kAllToAll || kind == CollectiveKind::kAllToAllV;
}

Schedule write_pairwise(CollectiveKind, const Group& group, Bytes bytes) {
  const std::size_t n = group.size();
  check_members("pairwise", n, kMostAllPairs);
  if (n < 2) return {};
  const ExchangeBlocks blocks(group, bytes);
  Schedule schedule;
  schedule.pieces = static_cast<std::int32_t>(n * n);
  for (std::size_t round = 1; round < n; ++round) {
    Step step;
    step.bytes = blocks.unit();
    for (std::size_t from = 0; from < n; ++from) {
      const std::size_t to = std::has_single_bit(n) ? from ^ round : (from + round) % n;
      const std::int32_t units = blocks.units(from, to);
      if (units == 0) continue;
      step.transfers.push_back({.from = static_cast<std::int32_t>(from),
                                .to = static_cast<std::int32_t>(to),
                                .piece = group.sizes.empty() ? static_cast<std::int32_t>(from * n + to) : kAnyPiece,
                                .pieces = units});
    }
    if (!step.transfers.empty()) schedule.steps.push_back(std::move(step));
  }
  return schedule;
}

const CollectiveAlgorithms::Entry kPairwise{{"pairwise", "one partner at a time: n - 1 rounds of all-to-all, no incast",
                                             kMostAllPairs, &supports_pairwise, &write_pairwise}};

}  // namespace

}  // namespace orrery
