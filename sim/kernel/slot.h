// Where each stream of each rank stands: the whole mutable state of the ranks.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/units.h"
#include "topology/placement.h"

namespace orrery::kernel {

using SlotId = Id<struct SlotTag>;  // rank × streams + stream

enum class SlotState : std::uint8_t {
  kBlocked,  // its head op waits for `wait_stream` to reach the head `wait_head`
  kHeld,     // ready but for the host: a timer wakes it
  kMeeting,  // it has come to its collective or message; others haven't
  kRunning,  // under way
  kEnding,   // over; to be completed within this instant
  kEmpty,    // no op left
};

// Joules that communication draws at memories and on links.
struct Draw {
  double memory = 0;
  double links = 0;

  [[nodiscard]] Draw part(double share) const { return {memory * share, links * share}; }
};

struct Slot {
  Time ready;  // of the head op: see Span
  Time begin;
  RankId rank;
  std::uint32_t head = 0;  // into Plan
  std::uint32_t wait_head = 0;
  SlotId next;  // in the list of a gathering or a lane
  std::uint16_t stream = 0;
  std::uint16_t wait_stream = 0;
  std::uint16_t cause = 0;
  SlotState state = SlotState::kBlocked;
  Draw draw;  // of the head op: see Span::memory_joules
};

using Slots = Table<SlotId, Slot>;

}  // namespace orrery::kernel
