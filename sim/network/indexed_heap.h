// What happens next: a 4-ary heap over (time, sequence) whose entries are found, moved and taken out by item.
#pragma once

#include <cassert>
#include <cstdint>
#include <limits>
#include <vector>

#include "sim/base/units.h"
#include "sim/fluid/growing_array.h"

namespace orrery {

// Items are small dense numbers; each stands in the heap at most once. The front is the least (time, sequence); with
// sequences all different the order is total. Flat arrays; put() and erase() cost O(log n). Where many are due at one
// instant an Agenda is quicker.
class IndexedHeap {
 public:
  struct Entry {
    Time time;
    std::uint64_t sequence = 0;
    std::uint32_t item = 0;
    friend constexpr bool operator<(const Entry& a, const Entry& b) {
      return a.time != b.time ? a.time < b.time : a.sequence < b.sequence;
    }
  };

  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] const Entry& front() const { return entries_.front(); }
  [[nodiscard]] bool contains(std::uint32_t item) const { return item < place_.size() && place_[item] != kAbsent; }

  // Puts an item in, or moves it to its new time.
  void put(const Entry& entry) {
    if (entry.item >= place_.size()) place_.resize(entry.item + std::size_t{1}, kAbsent);
    std::size_t at = place_[entry.item];
    if (at == kAbsent) {
      at = entries_.size();
      entries_.push_back(entry);
      rise(at, entry);
    } else if (entry < entries_[at]) {
      rise(at, entry);
    } else {
      sink(at, entry);
    }
  }
  // Does nothing when the item isn't there.
  void erase(std::uint32_t item) {
    if (!contains(item)) return;
    const std::size_t at = place_[item];
    place_[item] = kAbsent;
    const Entry last = entries_.back();
    entries_.pop_back();
    if (at == entries_.size()) return;
    if (at > 0 && last < entries_[(at - 1) / kArity]) {
      rise(at, last);
    } else {
      sink(at, last);
    }
  }

 private:
  static constexpr std::size_t kArity = 4;
  static constexpr std::uint32_t kAbsent = std::numeric_limits<std::uint32_t>::max();

  void place(std::size_t at, const Entry& entry) {
    entries_[at] = entry;
    place_[entry.item] = static_cast<std::uint32_t>(at);
  }
  void rise(std::size_t at, const Entry& entry) {
    while (at > 0) {
      const std::size_t parent = (at - 1) / kArity;
      if (!(entry < entries_[parent])) break;
      place(at, entries_[parent]);
      at = parent;
    }
    place(at, entry);
  }
  void sink(std::size_t at, const Entry& entry) {
    while (true) {
      const std::size_t first = at * kArity + 1;
      if (first >= entries_.size()) break;
      const std::size_t end = first + kArity < entries_.size() ? first + kArity : entries_.size();
      std::size_t least = first;
      for (std::size_t child = first + 1; child < end; ++child)
        if (entries_[child] < entries_[least]) least = child;
      if (!(entries_[least] < entry)) break;
      place(at, entries_[least]);
      at = least;
    }
    place(at, entry);
  }

  GrowingArray<Entry> entries_;
  std::vector<std::uint32_t> place_;  // by item
};

}  // namespace orrery
