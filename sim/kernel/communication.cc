// How ranks meet: collectives and messages, from the first that comes to the last that is done.
#include "sim/kernel/clockwork.h"

namespace orrery::kernel {

void Clockwork::enter_collective(SlotId id, const PlannedOp& op) {
  Slot& slot = slots_[id];
  const CommunicatorId communicator =
      cast_.communicator(communicators_.of(slot.rank, program_.collectives[op.body].group));
  if (communicators_.members(communicator).size() == 1) return end(id);
  slot.state = SlotState::kMeeting;
  const GatheringId gathering = gatherings_.enter(communicator, op, id, slots_);
  if (!gatherings_.closed(gathering)) return;
  for (SlotId member = gatherings_[gathering].first; member.valid(); member = slots_[member].next) {
    slots_[member].begin = now_;
    slots_[member].state = SlotState::kRunning;
  }
  if (options_.granularity == Granularity::kStepwise) {
    begin_exchange(gathering);
  } else {
    begin_phases(gathering);
  }
}

void Clockwork::begin_phases(GatheringId id) {
  Gathering& gathering = gatherings_[id];
  gathering.phases = lowering_.phases(gathering.communicator, gathering.collective);
  gathering.phase = 0;
  const Draw part = lowering_.draw(gathering.phases)
                        .part(1 / static_cast<double>(communicators_.members(gathering.communicator).size()));
  for (SlotId slot = gathering.first; slot.valid(); slot = slots_[slot].next) slots_[slot].draw = part;
  lowering_.phase_book().played(gathering.phases);
  next_phase(id);
}

void Clockwork::next_phase(GatheringId id) {
  Gathering& gathering = gatherings_[id];
  const PhaseBook& book = lowering_.phase_book();
  if (gathering.phase < book.count(gathering.phases)) {
    network_->start(book.activity(gathering.phases, gathering.phase++, tags::kPhase | id.index()), now_);
    return;
  }
  for (SlotId slot = gathering.first; slot.valid(); slot = slots_[slot].next) end(slot);
  gatherings_.dissolve(id);
}

void Clockwork::begin_exchange(GatheringId id) {
  const Gathering& gathering = gatherings_[id];
  seats_.resize(communicators_.members(gathering.communicator).size());
  const GroupSpecId group = program_.collectives[gathering.collective].group;
  for (SlotId slot = gathering.first; slot.valid(); slot = slots_[slot].next)
    seats_[communicators_.position(slots_[slot].rank, group)] = slot;
  members_over_.clear();
  const ExchangeId exchange = lowering_.exchange(gathering.communicator, gathering.collective);
  const Draw part = lowering_.draw(exchange).part(1 / static_cast<double>(seats_.size()));
  for (const SlotId slot : seats_) slots_[slot].draw = part;
  exchanges_.begin(exchange, seats_, now_, members_over_);
  gatherings_.dissolve(id);
  for (const SlotId slot : members_over_) end(slot);
}

void Clockwork::enter_message(SlotId id, const PlannedOp& op) {
  slots_[id].state = SlotState::kMeeting;
  if (const std::optional<Lanes::Meeting> meeting = lanes_.enter(op, id, slots_)) begin_delivery(*meeting);
}

void Clockwork::begin_delivery(const Lanes::Meeting& meeting) {
  Slot& sender = slots_[meeting.sender];
  Slot& receiver = slots_[meeting.receiver];
  sender.begin = receiver.begin = now_;
  sender.state = receiver.state = SlotState::kRunning;
  const MessageOp& message = program_.messages[plan_[sender.head].body];
  const RankId peer = program_.peer(message, sender.rank);  // the receiver, or one of its class
  if (peer == sender.rank) {
    end(meeting.sender);
    end(meeting.receiver);
    return;
  }
  PhasesId phases = lanes_.kept(meeting.lane, message.bytes);
  if (!phases.valid()) {
    phases = lowering_.transfer(sender.rank, peer, message.bytes);
    lanes_.keep(meeting.lane, message.bytes, phases);
  }
  lowering_.phase_book().played(phases);
  sender.draw = receiver.draw = lowering_.draw(phases).part(0.5);
  if (free_deliveries_.empty()) {
    free_deliveries_.push_back(static_cast<std::uint32_t>(deliveries_.size()));
    deliveries_.emplace_back();
  }
  const std::uint32_t delivery = free_deliveries_.back();
  free_deliveries_.pop_back();
  deliveries_[delivery] = {meeting.sender, meeting.receiver, phases, 0};
  next_phase_of_delivery(delivery);
}

void Clockwork::next_phase_of_delivery(std::uint32_t index) {
  Delivery& delivery = deliveries_[index];
  const PhaseBook& book = lowering_.phase_book();
  if (delivery.phase < book.count(delivery.phases)) {
    network_->start(book.activity(delivery.phases, delivery.phase++, tags::kDelivery | index), now_);
    return;
  }
  end(delivery.sender);
  end(delivery.receiver);
  free_deliveries_.push_back(index);
}

}  // namespace orrery::kernel
