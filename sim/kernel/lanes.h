// Messages in flight: sends and receives of one source, destination and channel meet by number.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/kernel/cast.h"
#include "sim/kernel/phases.h"
#include "sim/kernel/plan.h"
#include "sim/kernel/slot.h"

namespace orrery::kernel {

using LaneId = Id<struct LaneTag>;

class Lanes {
 public:
  Lanes(const Program& program, const Plan& plan, const Cast& cast);

  struct Meeting {
    SlotId sender;
    SlotId receiver;
    LaneId lane;
  };
  // A send or receive comes; the meeting if its partner is there already. RunError if their sizes differ.
  std::optional<Meeting> enter(const PlannedOp& op, SlotId slot, Slots& slots);

  // What was kept for messages of this size in this lane; not valid() if nothing was.
  [[nodiscard]] PhasesId kept(LaneId lane, Bytes bytes) const;
  void keep(LaneId lane, Bytes bytes, PhasesId phases);

 private:
  [[nodiscard]] LaneId find(RankId source, LaneKind kind) const;

  const Program* program_;
  const Plan* plan_;
  const Cast* cast_;
  std::vector<std::uint32_t>
      first_lane_;               // by place in the cast: its lanes as a source stand together, in the Plan's order
  std::vector<SlotId> waiting_;  // by lane: a list through Slot::next
  struct Kept {
    Bytes bytes;
    PhasesId phases;
    std::uint32_t next = 0;  // index + 1 into kept_
  };
  std::vector<std::uint32_t> first_kept_;  // by lane: index + 1 into kept_
  std::vector<Kept> kept_;
};

}  // namespace orrery::kernel
