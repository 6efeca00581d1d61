// Instants that the network doesn't know of: ops that the host holds back, and delays.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/kernel/slot.h"

namespace orrery::kernel {

// Yields slots in order of (time, sequence of put()).
class Timers {
 public:
  void put(Time at, SlotId slot) {
    heap_.push_back({at, sequence_++, slot});
    std::push_heap(heap_.begin(), heap_.end(), Later());
  }
  // Time::max() when there is none.
  [[nodiscard]] Time next() const { return heap_.empty() ? Time::max() : heap_.front().at; }
  SlotId take() {
    std::pop_heap(heap_.begin(), heap_.end(), Later());
    const SlotId slot = heap_.back().slot;
    heap_.pop_back();
    return slot;
  }

 private:
  struct Timer {
    Time at;
    std::uint64_t sequence;
    SlotId slot;
  };
  struct Later {
    bool operator()(const Timer& a, const Timer& b) const {
      return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
    }
  };
  std::vector<Timer> heap_;
  std::uint64_t sequence_ = 0;
};

}  // namespace orrery::kernel
