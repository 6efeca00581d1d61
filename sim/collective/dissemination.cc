// The dissemination barrier: ⌈log₂ n⌉ rounds of empty messages for any number of members.
//
// In the round of distance d = 1, 2, 4, … member p tells p + d (mod n) that it has come this far. After it p has heard,
// directly or not, of the 2d − 1 members before it; after ⌈log₂ n⌉ rounds of all. Time ⌈log₂ n⌉ α. Source: Hensgen,
// Finkel, Manber 1988, "Two algorithms for barrier synchronization", IJPP 17(1).
#include <algorithm>

#include "sim/collective/schedule.h"

namespace orrery {

namespace {

bool supports_dissemination(CollectiveKind kind) { return kind == CollectiveKind::kBarrier; }

Schedule write_dissemination(CollectiveKind, const Group& group, Bytes) {
  const auto n = static_cast<std::int32_t>(group.size());
  Schedule schedule;
  schedule.pieces = n;
  for (std::int32_t distance = 1; distance < n; distance *= 2) {
    Step step;
    // Before the round p knows of itself and the distance − 1 before it.
    const std::int32_t news = std::min(distance, n - distance);
    for (std::int32_t p = 0; p < n; ++p)
      step.transfers.push_back(
          {.from = p, .to = (p + distance) % n, .piece = (p - news + 1 + n) % n, .pieces = news, .period = n});
    schedule.steps.push_back(std::move(step));
  }
  return schedule;
}

const CollectiveAlgorithms::Entry kDissemination{{"dissemination", "a barrier in log n rounds of doubling distance",
                                                  kAnyMembers, &supports_dissemination, &write_dissemination}};

}  // namespace

}  // namespace orrery
