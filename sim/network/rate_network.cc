// Latencies in lines, completions in a heap; rates brought up to date once an instant.
#include "sim/network/rate_network.h"

#include <algorithm>
#include <cassert>

#include "sim/network/finish.h"

namespace orrery {

// CORRECTNESS: whatever changed at one instant is solved before the clock leaves it, and only then.
void RateNetwork::move_to(Time now) {
  assert(now >= now_);
  if (now == now_) return;
  settle();
  assert(now <= first_due());
  now_ = now;
}

void RateNetwork::settle() {
  if (!unsettled_) return;
  unsettled_ = false;
  for (const ActivityId id : rates_.solve()) {
    Slot& slot = slots_[id.index()];
    // CORRECTNESS: what is due at this instant is done, whatever its rate becomes before advance() takes it out.
    if (slot.due <= now_) continue;
    const auto elapsed = static_cast<double>((now_ - slot.since).ps());
    slot.remaining = std::max(0.0, slot.remaining - slot.rate * elapsed * 1e-12);
    slot.rate = rates_.rate(id);
    slot.since = now_;
    slot.due = saturating_sum(now_, time_to_finish(slot.remaining, slot.rate));
    if (slot.due == Time::max()) {
      events_.erase(id.index());
    } else {
      events_.put({slot.due, slot.sequence, id.index()});
    }
  }
}

void RateNetwork::start(const Activity& activity, Time now) {
  assert(activity.amount >= 0 && activity.latency >= Duration());
  move_to(now);
  const bool works = !activity.uses.empty() && activity.amount > 0;
  const ActivityId id = rates_.prepare(works ? activity.uses : std::span<const Use>(), activity.weight, activity.most);
  if (id.index() >= slots_.size()) slots_.extend(id.index() + std::size_t{1} - slots_.size());
  Slot& slot = slots_[id.index()];
  slot = Slot();
  slot.sequence = started_++;
  slot.tag = activity.tag;
  slot.remaining = activity.amount;
  slot.stage = works ? Stage::kLatency : Stage::kDelay;
  if (works && activity.latency == Duration()) {
    begin(id);
    return;
  }
  slot.due = saturating_sum(now, activity.latency);
  if (slot.due < Time::max() && !waiting_.put(slot.due, id.index())) events_.put({slot.due, slot.sequence, id.index()});
}

void RateNetwork::begin(ActivityId activity) {
  Slot& slot = slots_[activity.index()];
  rates_.enter(activity);
  slot.stage = Stage::kAtWork;
  slot.since = now_;
  slot.due = Time::max();
  unsettled_ = true;
}

Time RateNetwork::next_event() {
  settle();
  return first_due();
}

// Into due_, in order of start: all have the same time.
void RateNetwork::take_due(Time now) {
  due_.clear();
  waiting_.take(now, due_);
  events_.take(now, due_);
  if (due_.size() < 2) return;
  const auto started_before = [this](std::uint32_t a, std::uint32_t b) {
    return slots_[a].sequence < slots_[b].sequence;
  };
  if (!std::is_sorted(due_.begin(), due_.end(), started_before)) std::sort(due_.begin(), due_.end(), started_before);
}

void RateNetwork::advance(Time now, std::vector<std::uint32_t>& done) {
  move_to(now);
  take_due(now);
  // What begins here gets its event from the next settle().
  for (const std::uint32_t item : due_) {
    const ActivityId activity(item);
    Slot& slot = slots_[item];
    if (slot.stage == Stage::kLatency) {
      begin(activity);
      continue;
    }
    if (slot.stage == Stage::kAtWork) unsettled_ = true;
    slot.stage = Stage::kOver;
    rates_.remove(activity);
    done.push_back(slot.tag);
  }
}

std::vector<RateNetwork::Rest> RateNetwork::rests(Time now) {
  move_to(now);
  settle();
  std::vector<Rest> rests;
  for (const Slot& slot : slots_) {
    if (slot.stage == Stage::kOver) continue;
    if (slot.stage == Stage::kAtWork) {
      const double gone = slot.rate * static_cast<double>((now_ - slot.since).ps()) * 1e-12;
      rests.push_back({slot.tag, std::max(0.0, slot.remaining - gone), Duration()});
    } else {
      rests.push_back({slot.tag, slot.remaining, slot.due < Time::max() ? slot.due - now_ : Duration::max()});
    }
  }
  return rests;
}

void RateNetwork::set_capacity(ResourceId resource, double capacity, Time now) {
  move_to(now);
  rates_.set_capacity(resource, capacity);
  unsettled_ = true;
}

}  // namespace orrery
