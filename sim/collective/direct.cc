// The direct algorithms: every member sends to every other at once, one hop for everything.
//
// All-reduce is a direct reduce-scatter (each sends piece j to member j, who adds them all up) and a direct all-gather.
// It sends as many bytes as the ring, in 2 steps of latency instead of 2(n − 1), but needs n(n − 1) messages a step and
// a fabric on which all pairs are near.
#include <fmt/format.h>

#include <cassert>

#include "sim/base/error.h"
#include "sim/collective/schedule.h"

namespace orrery {

namespace {

// A step lists each of its n(n − 1) messages: beyond this a schedule would outgrow memory.
constexpr std::size_t kMostMembers = 4096;

Step each_to_each(std::size_t n, Bytes bytes, bool reduces) {
  if (n > kMostMembers)
    throw RunError(
        fmt::format("a direct collective over {} ranks has {} messages a step; the most is {} ranks: use ring", n,
                    n * (n - 1), kMostMembers));
  Step step;
  step.bytes = Bytes(divide(bytes.count(), static_cast<std::int64_t>(n), Rounding::kUp));
  step.transfers.reserve(n * (n - 1));
  // Everyone starts with the next one up, so that no receiver is first on all lists.
  for (std::size_t distance = 1; distance < n; ++distance) {
    for (std::size_t from = 0; from < n; ++from) {
      const std::size_t to = (from + distance) % n;
      step.transfers.push_back({static_cast<std::int32_t>(from), static_cast<std::int32_t>(to), 0, 1, reduces});
    }
  }
  return step;
}

Step root_to_each(std::size_t n, Bytes bytes) {
  Step step;
  step.bytes = bytes;
  for (std::size_t to = 1; to < n; ++to) step.transfers.push_back({0, static_cast<std::int32_t>(to), 0, 1, false});
  return step;
}

bool supports_direct(CollectiveKind) { return true; }

Schedule write_direct(CollectiveKind kind, const Group& group, Bytes bytes) {
  const std::size_t n = group.size();
  Schedule schedule;
  if (n < 2) return schedule;
  switch (kind) {
    case CollectiveKind::kAllReduce:
      schedule.steps.push_back(each_to_each(n, bytes, true));
      schedule.steps.push_back(each_to_each(n, bytes, false));
      break;
    case CollectiveKind::kReduceScatter:
      schedule.steps.push_back(each_to_each(n, bytes, true));
      break;
    case CollectiveKind::kAllGather:
    case CollectiveKind::kAllToAll:
      schedule.steps.push_back(each_to_each(n, bytes, false));
      break;
    case CollectiveKind::kBroadcast:
      schedule.steps.push_back(root_to_each(n, bytes));
      break;
    case CollectiveKind::kSendRecv:
      schedule.steps.push_back({{Transfer{0, 1, 0, 1, false}}, bytes, 1});
      break;
  }
  return schedule;
}

const CollectiveAlgorithms::Entry kDirect{{"direct",
                                           "every member to every other at once: one hop of latency, n(n - 1) messages",
                                           true, &supports_direct, &write_direct}};

}  // namespace

}  // namespace orrery
