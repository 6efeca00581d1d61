// Members meet by number: the k-th collective of one with the k-th of every other, whatever stream it is on.
#include "sim/kernel/gatherings.h"

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/kernel/describe.h"

namespace orrery::kernel {

Gatherings::Gatherings(const Program& program, const Plan& plan, const Communicators& communicators, const Cast& cast)
    : program_(&program), plan_(&plan), communicators_(&communicators), cast_(&cast), open_(communicators.size()) {}

GatheringId Gatherings::open(CommunicatorId communicator, const PlannedOp& op) {
  GatheringId id = free_;
  if (id.valid()) {
    free_ = gatherings_[id].next;
  } else {
    id = gatherings_.add({});
  }
  Gathering& gathering = gatherings_[id];
  gathering = Gathering();
  gathering.communicator = communicator;
  gathering.number = op.number;
  gathering.collective = op.body;
  gathering.next = open_[communicator.index()];
  open_[communicator.index()] = id;
  return id;
}

GatheringId Gatherings::enter(CommunicatorId communicator, const PlannedOp& op, SlotId slot, Slots& slots) {
  GatheringId id = open_[communicator.index()];
  GatheringId before;
  while (id.valid() && gatherings_[id].number != op.number) {
    before = id;
    id = gatherings_[id].next;
  }
  if (!id.valid()) {
    id = open(communicator, op);
    before = GatheringId();
  }
  Gathering& gathering = gatherings_[id];
  if (gathering.collective != op.body) disagree(slots[gathering.first], slots[slot]);
  if (gathering.last.valid()) {
    slots[gathering.last].next = slot;
  } else {
    gathering.first = slot;
  }
  gathering.last = slot;
  slots[slot].next = SlotId();
  ++gathering.present;
  if (closed(id)) (before.valid() ? gatherings_[before].next : open_[communicator.index()]) = gathering.next;
  return id;
}

void Gatherings::dissolve(GatheringId id) {
  gatherings_[id].next = free_;
  free_ = id;
}

void Gatherings::disagree(const Slot& first, const Slot& other) const {
  const auto say = [&](const Slot& slot) {
    const PlannedOp& planned = (*plan_)[slot.head];
    const Role& role = program_->roles[program_->role_of_rank[slot.rank.index()]];
    const CollectiveOp& collective = program_->collectives[planned.body];
    return fmt::format("{} runs {} ({} bytes, {})", describe(*program_, slot.rank),
                       describe(*program_, role.ops[planned.op]), collective.bytes.count(),
                       program_->algorithms[collective.algorithm]);
  };
  const PlannedOp& planned = (*plan_)[first.head];
  throw RunError(fmt::format("members of group '{}' disagree on their collective {}: {}; {}",
                             program_->groups[program_->collectives[planned.body].group.index()].name,
                             planned.number + 1, say(first), say(other)));
}

}  // namespace orrery::kernel
