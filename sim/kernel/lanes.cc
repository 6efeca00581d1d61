// A lane belongs to its source; a receiver finds it among its peer's.
#include "sim/kernel/lanes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "sim/base/error.h"
#include "sim/kernel/describe.h"

namespace orrery::kernel {

Lanes::Lanes(const Program& program, const Plan& plan, const Cast& cast)
    : program_(&program), plan_(&plan), cast_(&cast) {
  std::size_t lanes = 0;
  for (const RankId rank : cast.players()) {
    first_lane_.push_back(static_cast<std::uint32_t>(lanes));
    lanes += plan.sends(program.role_of_rank[rank.index()]).size();
  }
  waiting_.resize(lanes);
  first_kept_.resize(lanes, 0);
}

LaneId Lanes::find(RankId source, LaneKind kind) const {
  const std::span<const Plan::Lane> sends = plan_->sends(program_->role_of_rank[source.index()]);
  const auto lane =
      std::lower_bound(sends.begin(), sends.end(), kind, [](const Plan::Lane& a, LaneKind b) { return a.kind < b; });
  if (lane == sends.end() || lane->kind != kind) return {};
  return LaneId(first_lane_[cast_->place(source)] + static_cast<std::size_t>(lane - sends.begin()));
}

std::optional<Lanes::Meeting> Lanes::enter(const PlannedOp& op, SlotId slot, Slots& slots) {
  const bool sends = op.kind == OpKind::kSend;
  const MessageOp& message = program_->messages[op.body];
  const RankId rank = slots[slot].rank;
  const LaneId lane = sends ? find(rank, plan_->kind_of_send(op.body))
                            : find(program_->peer(message, rank), plan_->kind_of_receive(op.body));
  slots[slot].next = SlotId();
  if (!lane.valid()) return std::nullopt;  // nobody sends this: it waits for ever

  SlotId* link = &waiting_[lane.index()];
  while (link->valid()) {
    Slot& other = slots[*link];
    const PlannedOp& partner = (*plan_)[other.head];
    if (partner.number == op.number && partner.kind != op.kind) {
      const MessageOp& theirs = program_->messages[partner.body];
      if (theirs.bytes != message.bytes) {
        const auto say = [&](const Slot& s, const PlannedOp& planned) {
          const Role& role = program_->roles[program_->role_of_rank[s.rank.index()]];
          return fmt::format("{}: {} is of {} bytes", describe(*program_, s.rank),
                             describe(*program_, role.ops[planned.op]), program_->messages[planned.body].bytes.count());
        };
        throw RunError(fmt::format("a send and its receive differ in size: {}; {}",
                                   sends ? say(slots[slot], op) : say(other, partner),
                                   sends ? say(other, partner) : say(slots[slot], op)));
      }
      const SlotId partner_slot = *link;
      *link = other.next;
      return sends ? Meeting{slot, partner_slot, lane} : Meeting{partner_slot, slot, lane};
    }
    link = &other.next;
  }
  *link = slot;
  return std::nullopt;
}

PhasesId Lanes::kept(LaneId lane, Bytes bytes) const {
  for (std::uint32_t k = first_kept_[lane.index()]; k != 0; k = kept_[k - 1].next)
    if (kept_[k - 1].bytes == bytes) return kept_[k - 1].phases;
  return {};
}

void Lanes::keep(LaneId lane, Bytes bytes, PhasesId phases) {
  kept_.push_back({bytes, phases, first_kept_[lane.index()]});
  first_kept_[lane.index()] = static_cast<std::uint32_t>(kept_.size());
}

}  // namespace orrery::kernel
