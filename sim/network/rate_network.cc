// Latencies and completions in one heap; rates brought up to date once an instant.
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
  assert(events_.empty() || now <= events_.front().time);
  now_ = now;
}

void RateNetwork::settle() {
  if (!unsettled_) return;
  unsettled_ = false;
  moved_.clear();
  for (const ActivityId id : rates_.solve()) {
    Slot& slot = slots_[slot_of_[id.index()]];
    // CORRECTNESS: what is due at this instant is done, whatever its rate becomes before advance() takes it out.
    if (slot.due <= now_) continue;
    const auto elapsed = static_cast<double>((now_ - slot.since).ps());
    slot.remaining = std::max(0.0, slot.remaining - slot.rate * elapsed * 1e-12);
    slot.rate = rates_.rate(id);
    slot.since = now_;
    slot.due = saturating_sum(now_, time_to_finish(slot.remaining, slot.rate));
    if (slot.due == Time::max()) {
      events_.erase(slot_of_[id.index()]);
    } else {
      moved_.push_back({slot.due, slot.sequence, slot_of_[id.index()]});
    }
  }
  events_.put_all(moved_);
}

std::uint32_t RateNetwork::take_slot() {
  if (free_slots_.empty()) {
    slots_.emplace_back();
    return static_cast<std::uint32_t>(slots_.size() - 1);
  }
  const std::uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  return slot;
}

void RateNetwork::start(const Activity& activity, Time now) {
  assert(activity.amount >= 0 && activity.latency >= Duration());
  move_to(now);
  const std::uint32_t index = take_slot();
  Slot& slot = slots_[index];
  slot = Slot();
  slot.sequence = started_++;
  slot.tag = activity.tag;
  slot.weight = activity.weight;
  slot.most = activity.most;
  slot.remaining = activity.uses.empty() ? 0 : activity.amount;
  if (activity.latency == Duration() && slot.remaining > 0) {
    begin(index, activity.uses);
    return;
  }
  if (slot.remaining > 0) {
    slot.use_count = static_cast<std::uint32_t>(activity.uses.size());
    slot.first_use = waiting_.take(BlockPool<Use>::size_class(slot.use_count));
    for (std::uint32_t k = 0; k < slot.use_count; ++k) waiting_[slot.first_use + k] = activity.uses[k];
  }
  slot.due = saturating_sum(now, activity.latency);
  if (slot.due < Time::max()) events_.put({slot.due, slot.sequence, index});
}

void RateNetwork::begin(std::uint32_t index, std::span<const Use> uses) {
  Slot& slot = slots_[index];
  slot.activity = rates_.add(uses, slot.weight, slot.most);
  slot.since = now_;
  slot.due = Time::max();
  const std::size_t id = slot.activity.index();
  if (id >= slot_of_.size()) slot_of_.resize(id + 1);
  slot_of_[id] = index;
  unsettled_ = true;
}

Time RateNetwork::next_event() {
  settle();
  return events_.empty() ? Time::max() : events_.front().time;
}

void RateNetwork::advance(Time now, std::vector<std::uint32_t>& done) {
  move_to(now);
  // The heap yields equal times in order of start. What begins here gets its event from the next settle().
  due_.clear();
  events_.take(now, due_);
  for (const IndexedHeap::Entry& event : due_) {
    const std::uint32_t index = event.item;
    Slot& slot = slots_[index];
    if (slot.use_count > 0) {
      const std::uint32_t first = slot.first_use;
      const std::uint32_t count = slot.use_count;
      slot.use_count = 0;
      begin(index, {&waiting_[first], count});
      waiting_.give_back(first, BlockPool<Use>::size_class(count));
      continue;
    }
    if (slot.activity.valid()) {
      rates_.remove(slot.activity);
      unsettled_ = true;
    }
    done.push_back(slot.tag);
    free_slots_.push_back(index);
  }
}

void RateNetwork::set_capacity(ResourceId resource, double capacity, Time now) {
  move_to(now);
  rates_.set_capacity(resource, capacity);
  unsettled_ = true;
}

}  // namespace orrery
