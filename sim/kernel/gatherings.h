// Collectives in flight: who of a communicator has come, and to which of its collectives.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/kernel/cast.h"
#include "sim/kernel/communicators.h"
#include "sim/kernel/phases.h"
#include "sim/kernel/plan.h"
#include "sim/kernel/slot.h"

namespace orrery::kernel {

using GatheringId = Id<struct GatheringTag>;

struct Gathering {
  CommunicatorId communicator;
  std::uint32_t number = 0;      // PlannedOp::number
  std::uint32_t collective = 0;  // PlannedOp::body
  std::uint32_t present = 0;     // members that have come
  SlotId first;                  // of the list through Slot::next, in order of coming
  SlotId last;
  GatheringId next;  // another open one of this communicator, or a free one
  PhasesId phases;   // once all have come
  std::uint32_t phase = 0;
};

// A communicator has few open gatherings at a time (one, unless a group is used from several streams).
class Gatherings {
 public:
  Gatherings(const Program& program, const Plan& plan, const Communicators& communicators, const Cast& cast);

  // A member comes to a collective; it is closed to others once all have come. RunError if what members bring differs.
  GatheringId enter(CommunicatorId communicator, const PlannedOp& op, SlotId slot, Slots& slots);
  [[nodiscard]] bool closed(GatheringId id) const {
    const CommunicatorId communicator = gatherings_[id].communicator;
    return gatherings_[id].present == cast_->arrivals(communicator, communicators_->members(communicator).size());
  }
  [[nodiscard]] Gathering& operator[](GatheringId id) { return gatherings_[id]; }
  // Forgets a closed one; its list of slots is the caller's.
  void dissolve(GatheringId id);

 private:
  [[noreturn]] void disagree(const Slot& first, const Slot& other) const;
  GatheringId open(CommunicatorId communicator, const PlannedOp& op);

  const Program* program_;
  const Plan* plan_;
  const Communicators* communicators_;
  const Cast* cast_;
  Table<GatheringId, Gathering> gatherings_;
  GatheringId free_;
  std::vector<GatheringId> open_;  // by communicator
};

}  // namespace orrery::kernel
