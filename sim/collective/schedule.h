// What a collective algorithm writes: steps of transfers between positions of a group. Both granularities come from it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/base/registry.h"
#include "sim/base/units.h"

namespace orrery {

enum class CollectiveKind : std::uint8_t { kAllReduce, kAllGather, kReduceScatter, kBroadcast, kAllToAll, kSendRecv };
inline constexpr std::size_t kCollectiveKindCount = 6;
[[nodiscard]] std::string_view to_name(CollectiveKind kind);  // "all_reduce"

// A sender or receiver that is no member: the switch that all members of a node hang on, which adds what comes from
// them and copies what it sends to them.
inline constexpr std::int32_t kSwitch = -1;

// One message a repeat: from → to (positions 0 … n−1, or kSwitch for one of them). Active in repeats [first, first +
// count) of its step.
struct Transfer {
  std::int32_t from = 0;
  std::int32_t to = 0;
  std::int32_t first = 0;
  std::int32_t count = 1;
  bool reduces = false;      // the receiver adds it to what it holds: one more HBM read a byte
  std::int32_t channel = 0;  // 0, 1, …: what one channel carries doesn't wait for what others do
};

// The same transfers over and over. A position sends in repeat r (> its first) once all that it receives in repeat r−1
// of this step on the same channel has arrived and its own message of repeat r−1 on that transfer has left; it enters a
// step once it has finished the step before.
struct Step {
  std::vector<Transfer> transfers;
  Bytes bytes;  // of each message
  std::int32_t repeats = 1;
};

struct Schedule {
  std::vector<Step> steps;
};

// The group as an algorithm sees it: node[i] is the node (scale-up domain) of position i.
struct Group {
  std::vector<std::uint32_t> node;
  [[nodiscard]] std::size_t size() const { return node.size(); }
};

// `bytes` is the size that nccl-tests prints: the full vector for all-reduce and broadcast, the whole gathered
// (scattered) vector for all-gather (reduce-scatter), what one rank sends in all to all ranks for all-to-all. Pieces
// are rounded up to whole bytes. Broadcast sends from position 0; send/recv goes from position 0 to 1 of two. A group
// of one needs no schedule: it is empty.
struct CollectiveAlgorithm {
  std::string_view name;  // "ring", "direct"
  std::string_view sentence;
  bool all_pairs;  // its schedules hold n(n − 1) transfers
  bool (*supports)(CollectiveKind kind);
  Schedule (*write)(CollectiveKind kind, const Group& group, Bytes bytes);
};
using CollectiveAlgorithms = Registry<CollectiveAlgorithm>;

}  // namespace orrery
