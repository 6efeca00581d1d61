// Activities that wait out a latency, then progress at the rates that a MaxMin gives them: what the rate models share.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/fluid/block_pool.h"
#include "sim/fluid/large_pages.h"
#include "sim/network/indexed_heap.h"
#include "sim/network/network.h"

namespace orrery {

// Remaining work is touched only when a rate changes; between changes it is amount − rate × time. An activity that
// stands still (rate 0), or that would take longer than 63 bits of picoseconds, has no event: with nothing else under
// way next_event() is Time::max().
class RateNetwork final : public Network {
 public:
  RateNetwork(std::vector<double> capacities, Sharing sharing) : rates_(std::move(capacities), sharing) {}

  void start(const Activity& activity, Time now) override;
  [[nodiscard]] Time next_event() override;
  void advance(Time now, std::vector<std::uint32_t>& done) override;
  void set_capacity(ResourceId resource, double capacity, Time now) override;
  [[nodiscard]] double load(ResourceId resource) const override { return rates_.load(resource); }

 private:
  struct Slot {
    double remaining = 0;  // at `since`
    double rate = 0;       // since then
    Time since;
    Time due = Time::max();  // its event in the heap
    std::uint64_t sequence = 0;
    double weight = 1;
    double most = 0;
    std::uint32_t tag = 0;
    std::uint32_t first_use = 0;  // into waiting_, until its latency is over
    std::uint32_t use_count = 0;
    ActivityId activity;  // in rates_, from then on
  };

  void move_to(Time now);
  void settle();
  void begin(std::uint32_t slot, std::span<const Use> uses);
  std::uint32_t take_slot();

  MaxMin rates_;
  IndexedHeap events_;  // of slots
  Time now_;
  bool unsettled_ = false;  // rates_ has changes that solve() hasn't seen
  std::uint64_t started_ = 0;
  LargeVector<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::vector<std::uint32_t> slot_of_;  // by ActivityId
  BlockPool<Use> waiting_;
  std::vector<IndexedHeap::Entry> moved_;  // events of settle(), before they stand in events_
  std::vector<IndexedHeap::Entry> due_;    // events of advance(), after
};

}  // namespace orrery
