// What an op goes through from blocked to complete. The laws stand in engine.cc.
#include "sim/kernel/clockwork.h"

#include <algorithm>
#include <cassert>

#include "sim/kernel/stuck.h"

namespace orrery::kernel {

Clockwork::Clockwork(const Tenant& tenant, const RunOptions& options, Network& network)
    : job_(tenant.job),
      sinks_(tenant.sinks),
      options_(options),
      program_(*job_.program),
      streams_(static_cast<std::uint32_t>(program_.streams.size())),
      resources_(*job_.fabric),
      plan_(program_),
      communicators_(program_),
      cast_(program_, options.fold),
      compute_(program_, *job_.fabric, resources_, cast_),
      lowering_(tenant, options, resources_, communicators_),
      network_(&network),
      exchanges_(lowering_.exchange_book(), *network_, tags::kMessage),
      gatherings_(program_, plan_, communicators_, cast_),
      lanes_(program_, plan_, cast_),
      slots_(cast_.size() * streams_),
      epoch_began_(program_.role_of_rank.size()),
      begun_(program_.staggered ? program_.role_of_rank.size() : 0, Time::max()) {
  for (const RankId rank : cast_.players()) {
    const std::uint32_t role = program_.role_of_rank[rank.index()];
    ops_ += program_.roles[role].ops.size() * cast_.copies(rank);
    for (std::uint32_t stream = 0; stream < streams_; ++stream) {
      Slot& slot = slots_[slot_of(rank, stream)];
      slot.rank = rank;
      slot.stream = static_cast<std::uint16_t>(stream);
      slot.head = plan_.first(role, stream);
    }
  }
}

void Clockwork::begin() {
  for (std::size_t s = 0; s < slots_.size(); ++s) attempt(SlotId(s), slots_[SlotId(s)].stream);
}

RunResult Clockwork::result() const {
  assert(finished());
  return {program_.staggered ? longest_ : finished_ - Time(), events_, done_, work()};
}

std::string Clockwork::standstill(Time now, const Disturbances& disturbances) const {
  return describe_standstill(
      {job_, options_.make_routing, plan_, communicators_, slots_, disturbances, now, done_, ops_});
}

void Clockwork::settle() {
  std::size_t next = 0;
  while (next < ending_.size()) complete(ending_[next++]);  // the list grows by what is over at once
  ending_.clear();
}

void Clockwork::end(SlotId slot) {
  slots_[slot].state = SlotState::kEnding;
  ending_.push_back(slot);
}

void Clockwork::activity_over(std::uint32_t tag) {
  ++events_;
  const std::uint32_t index = tag & ~tags::kKindBits;
  switch (tag & tags::kKindBits) {
    case tags::kSegment:
      end(SlotId(index));
      break;
    case tags::kPhase:
      next_phase(GatheringId(index));
      break;
    case tags::kMessage:
      members_over_.clear();
      exchanges_.arrive(index, now_, members_over_);
      for (const SlotId slot : members_over_) end(slot);
      break;
    default:
      next_phase_of_delivery(index);
  }
}

void Clockwork::timers_over() {
  while (timers_.next() == now_) timer_over(timers_.take());
}

void Clockwork::timer_over(SlotId slot) {
  if (slots_[slot].state == SlotState::kHeld) {
    enter(slot);
  } else {
    end(slot);
  }
}

void Clockwork::complete(SlotId id) {
  Slot& slot = slots_[id];
  const PlannedOp& op = plan_[slot.head];
  if (op.kind == OpKind::kHostSync) epoch_began_[slot.rank.index()] = now_;
  if (!sinks_.empty()) {
    const Span span{slot.rank,        op.op,          slot.ready, slot.begin, now_, cast_.copies(slot.rank), slot.cause,
                    slot.draw.memory, slot.draw.links};
    for (SpanSink* sink : sinks_) sink->span(span);
  }
  done_ += cast_.copies(slot.rank);
  finished_ = now_;
  if (program_.staggered) {
    Time& begun = begun_[slot.rank.index()];
    if (op.kind == OpKind::kCompute) begun = std::min(begun, slot.begin);
    if (begun < now_) longest_ = std::max(longest_, now_ - begun);
  }
  ++events_;
  ++slot.head;
  slot.draw = Draw();
  attempt(id, slot.stream);
  for (std::uint32_t stream = 0; stream < streams_; ++stream) {
    const SlotId other = slot_of(slot.rank, stream);
    const Slot& blocked = slots_[other];
    if (blocked.state == SlotState::kBlocked && blocked.wait_stream == slot.stream && blocked.wait_head <= slot.head &&
        other != id)
      attempt(other, slot.stream);
  }
}

void Clockwork::attempt(SlotId id, std::uint16_t cause) {
  Slot& slot = slots_[id];
  const PlannedOp& op = plan_[slot.head];
  if (op.end) {
    slot.state = SlotState::kEmpty;
    return;
  }
  const auto blocked_by = [&](std::uint32_t stream, std::uint32_t head) {
    if (slots_[slot_of(slot.rank, stream)].head >= head) return false;
    slot.state = SlotState::kBlocked;
    slot.wait_stream = static_cast<std::uint16_t>(stream);
    slot.wait_head = head;
    return true;
  };
  if (blocked_by(kHostStream, op.epoch)) return;
  for (const PlannedWait& wait : plan_.waits(op))
    if (blocked_by(wait.stream, wait.head)) return;

  // CORRECTNESS: once the host is past the op's epoch it has queued the op, and host_path ≤ host_time + duration.
  Time ready = now_;
  if (slots_[slot_of(slot.rank, kHostStream)].head == op.epoch) {
    const Time queued = epoch_began_[slot.rank.index()] + op.earliest;
    if (queued > now_) {
      ready = queued;
      cause = static_cast<std::uint16_t>(kHostStream);
    }
  }
  slot.ready = ready;
  slot.begin = ready;
  slot.cause = cause;
  if (op.kind == OpKind::kCompute) {
    if (ready == now_ && !compute_.takes_time(op.body)) return end(id);
    slot.state = SlotState::kRunning;
    const ChipId chip = (*job_.placement)[slot.rank];
    network_->start(compute_.activity(op.body, chip, ready - now_, tags::kSegment | id.index()), now_);
  } else if (ready > now_) {
    slot.state = SlotState::kHeld;
    timers_.put(ready, id);
  } else {
    enter(id);
  }
}

void Clockwork::enter(SlotId id) {
  Slot& slot = slots_[id];
  const PlannedOp& op = plan_[slot.head];
  switch (op.kind) {
    case OpKind::kCollective:
      return enter_collective(id, op);
    case OpKind::kSend:
    case OpKind::kRecv:
      return enter_message(id, op);
    case OpKind::kDelay: {
      const Duration delay = program_.delays[op.body];
      if (delay == Duration()) return end(id);
      slot.state = SlotState::kRunning;
      timers_.put(now_ + delay, id);
      return;
    }
    case OpKind::kHostSync:
      return end(id);
    case OpKind::kCompute:
      break;
  }
  assert(false);
}

std::vector<double> Clockwork::work() const {
  std::vector<double> work(resources_.size(), 0.0);
  lowering_.add_work(work);
  struct Sum {
    double seconds = 0;
    double hbm = 0;
  };
  std::vector<Sum> sums;
  for (const Role& role : program_.roles) {
    Sum& sum = sums.emplace_back();
    for (const Op& op : role.ops) {
      if (op.kind != OpKind::kCompute) continue;
      sum.seconds += program_.segments[SegmentId(op.body)].duration.in_seconds();
      sum.hbm += program_.segments[SegmentId(op.body)].hbm.as_double();
    }
  }
  for (const RankId rank : cast_.players()) {
    const ChipId chip = (*job_.placement)[rank];
    const Sum& sum = sums[program_.role_of_rank[rank.index()]];
    work[cast_.resource(resources_.engine(chip)).index()] += sum.seconds;
    work[cast_.resource(resources_.hbm(chip)).index()] += sum.hbm;
  }
  for (std::size_t r = 0; r < work.size(); ++r) work[r] = work[cast_.resource(ResourceId(r)).index()];
  return work;
}

}  // namespace orrery::kernel
