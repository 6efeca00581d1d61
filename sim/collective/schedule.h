// What a collective algorithm writes: steps of transfers between positions of a group. Both granularities come from it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/registry.h"
#include "sim/base/units.h"
#include "topology/switch_tree.h"

namespace orrery {

enum class CollectiveKind : std::uint8_t {
  kAllReduce,
  kAllGather,
  kReduceScatter,
  kBroadcast,
  kAllToAll,
  kSendRecv,
  kReduce,
  kGather,
  kScatter,
  kAllToAllV,  // all-to-all of uneven sizes
  kBarrier,
};
inline constexpr std::size_t kCollectiveKindCount = 11;
[[nodiscard]] std::string_view to_name(CollectiveKind kind);  // "all_reduce"
[[nodiscard]] std::vector<std::string> collective_kinds();    // their names, in the order of the enumeration

// Senders and receivers that are no members: switches, which add what comes to them and copy what they send. Switch k
// of a schedule has position in_switch(k) = −1 − k. Where Schedule::ways says by which links it is reached it is a
// switch of the network; else that which the members of a node hang on, and it has messages with these only.
inline constexpr std::int32_t kInSwitch = -1;  // switch 0: all that a schedule within a node needs
[[nodiscard]] constexpr std::int32_t in_switch(std::int32_t number) { return kInSwitch - number; }
[[nodiscard]] constexpr bool is_switch(std::int32_t position) { return position < 0; }
// A number for every position: members first, then switches.
[[nodiscard]] constexpr std::size_t place_of(std::int32_t position, std::size_t members) {
  return position >= 0 ? static_cast<std::size_t>(position) : members + static_cast<std::size_t>(kInSwitch - position);
}

// One message a repeat: from → to (positions 0 … n−1, or switches'). Active in repeats [first, first + count) of its
// step.
//
// `awaits`: the channel on which its sender waits for what comes; kNothing: it sends what it has had from the start.
//
// What it carries: the schedule cuts the vector in pieces of `bytes` bytes (its steps'). The first message carries the
// pieces [piece, piece + pieces), each further one those `stride` on; both go round within the aligned stretch of
// `period` pieces that `piece` lies in (0: they don't go round). Its size counts in any case; which pieces these are
// only for those who check that the schedule delivers. kAnyPiece: not said.
struct Transfer {
  static constexpr std::int32_t kItsOwn = -1;
  static constexpr std::int32_t kNothing = -2;

  std::int32_t from = 0;
  std::int32_t to = 0;
  std::int32_t first = 0;
  std::int32_t count = 1;
  bool reduces = false;           // the receiver adds it to what it holds: one more HBM read a byte
  std::int32_t channel = 0;       // 0, 1, …: what one channel carries doesn't wait for what others do …
  std::int32_t awaits = kItsOwn;  // … but for what comes on this one, in place of its own
  std::int32_t piece = 0;
  std::int32_t pieces = 1;
  std::int32_t stride = 0;
  std::int32_t period = 0;
};
inline constexpr std::int32_t kAnyPiece = -1;
// kNothing, or a channel.
[[nodiscard]] constexpr std::int32_t awaited_channel(const Transfer& transfer) {
  return transfer.awaits == Transfer::kItsOwn ? transfer.channel : transfer.awaits;
}

// The same transfers over and over. A position sends in repeat r (> its first) once all that it receives in repeat r−1
// of this step on the channel that it awaits has arrived and its own message of repeat r−1 on that transfer has left;
// it enters a step once it has finished the step before.
struct Step {
  std::vector<Transfer> transfers;
  Bytes bytes;  // of a piece
  std::int32_t repeats = 1;
};

// Members and the switches that the step's transfers name.
[[nodiscard]] std::size_t places_of(const Step& step, std::size_t members);

// How a position and the switch above it reach each other over the network.
struct WayToSwitch {
  std::int32_t below = 0;
  std::int32_t above = 0;
  SwitchWay links;
};

struct Schedule {
  std::vector<Step> steps;
  std::int32_t pieces = 0;  // that the vector is cut in (all-to-all: n·n blocks, from·n + to)
  std::vector<WayToSwitch> ways{};
};

// The group as an algorithm sees it.
struct Group {
  std::vector<std::uint32_t> node;  // node[i]: the node (scale-up domain) of position i
  // Of the grid (mesh, torus) that the group fills, if it does: their product is n, and the position of coordinates c
  // is c₀ + d₀·(c₁ + d₁·(c₂ + …)).
  std::vector<std::int32_t> dimensions{};
  // Every two positions of a node have a cable of their own.
  bool cliques = false;
  // Of an all-to-all-v: what position p sends q at p·n + q. Without them it is even.
  std::vector<Bytes> sizes{};
  // Of an all-to-all: each row that a member sends goes to so many members (a token to its experts). Algorithms that
  // know send it once where its copies have a way in common.
  std::uint32_t copies = 1;
  // Of what goes along trees in a pipeline: what a channel sends at once (cutting.h); 0: as the algorithm has it.
  Bytes chunk{};
  // The tree of switches over some of its positions, in their order, as the machine has it; empty: it isn't known.
  std::function<SwitchTree(std::span<const std::int32_t> positions)> switches{};
  [[nodiscard]] std::size_t size() const { return node.size(); }
};

// `bytes` is the size that nccl-tests prints: the full vector for all-reduce, reduce and broadcast, the whole gathered
// (scattered) vector for all-gather and gather (reduce-scatter and scatter), what one rank sends in all to all ranks
// for all-to-all (all-to-all-v: on average); a barrier has none. Pieces are rounded up to whole bytes. The root is
// position 0; send/recv goes from position 0 to 1 of two. A group of one needs no schedule: it is empty.
struct CollectiveAlgorithm {
  std::string_view name;  // "ring", "direct"
  std::string_view sentence;
  std::size_t most_members;  // beyond this its schedules outgrow memory: RunError
  bool (*supports)(CollectiveKind kind);
  Schedule (*write)(CollectiveKind kind, const Group& group, Bytes bytes);
  // It demands of the machine (switches that add and copy) or of the caller (rows that repeat) what few have: it is
  // taken where it is named or a library has it, not because it is fast.
  bool only_named = false;
};
using CollectiveAlgorithms = Registry<CollectiveAlgorithm>;

inline constexpr std::size_t kAnyMembers = 1U << 24U;
// Of an algorithm whose schedules hold n(n − 1) transfers.
inline constexpr std::size_t kMostAllPairs = 2048;
// Throws RunError for more than `most`: "a direct collective over 4097 ranks …".
void check_members(std::string_view algorithm, std::size_t members, std::size_t most);

}  // namespace orrery
