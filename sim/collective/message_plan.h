// A collective that the user planned: messages one by one, each with the messages that it waits for.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sim/collective/lower.h"

namespace orrery {

// Its size is the sum of its three parts. From a position to itself: no message, but a mark that what it waits for has
// come.
struct PlannedMessage {
  std::int32_t from = 0;
  std::int32_t to = 0;
  Bytes bytes{};                   // whatever the collective's size
  double share = 0;                // of the collective's size, 0 … 1
  std::int32_t pieces = 0;         // of MessagePlan::pieces
  std::int32_t piece = kAnyPiece;  // the first of them
  bool reduces = false;
  std::uint32_t first_after = 0;  // into MessagePlan::after: messages, all before this one
  std::uint32_t after_count = 0;
};

struct MessagePlan {
  std::string name;
  CollectiveKind kind = CollectiveKind::kAllReduce;
  std::size_t members = 0;
  std::int32_t pieces = 1;  // that the vector is cut in
  std::vector<PlannedMessage> messages;
  std::vector<std::uint32_t> after;

  [[nodiscard]] std::span<const std::uint32_t> waits(const PlannedMessage& message) const {
    return std::span(after).subspan(message.first_after, message.after_count);
  }
  // Of a message when the collective is of size `all`. Rounded up to whole bytes.
  [[nodiscard]] Bytes size(const PlannedMessage& message, Bytes all) const;
};

// Only stepwise: whatever waits for whatever is no sequence of phases. Messages draw nothing of engines and have no
// drain; a reduction costs its HBM traffic. Position i is members[i].
[[nodiscard]] StepwiseMessages lower_plan(const MessagePlan& plan, Bytes bytes, std::span<const ChipId> members,
                                          const CommunicationCosts& costs, Routes& routes, const Resources& resources);

// Whether the plan delivers what its kind promises; empty if so, else what is wrong, with the message (or −1: at the
// end). Piece by piece where every message says its pieces (and members × pieces keep within memory), and then only
// what surely has arrived counts. Else: whether word can have come from everyone to everyone who needs it.
struct MessagePlanFault {
  std::string text;
  std::int64_t message = -1;
};
[[nodiscard]] MessagePlanFault fault_of(const MessagePlan& plan);

}  // namespace orrery
