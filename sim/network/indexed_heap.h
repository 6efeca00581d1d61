// What happens next: a 4-ary heap over keys whose entries are found, moved and taken out by item.
#pragma once

#include <cassert>
#include <compare>
#include <cstdint>
#include <limits>
#include <vector>

#include "sim/base/units.h"
#include "sim/fluid/growing_array.h"

namespace orrery {

// A key for events that are told apart at one instant.
struct TimeAndSequence {
  Time time;
  std::uint64_t sequence = 0;
  friend constexpr auto operator<=>(const TimeAndSequence&, const TimeAndSequence&) = default;
};

// Items are small dense numbers; each stands in the heap at most once. The front is the least key; with keys all
// different the order is total. Flat arrays; put() and erase() cost O(log n). Where many are due at one instant an
// Agenda is quicker.
template <class Key>
class IndexedHeap {
 public:
  struct Entry {
    Key key{};
    std::uint32_t item = 0;
  };

  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] const Entry& front() const { return entries_.front(); }
  [[nodiscard]] bool contains(std::uint32_t item) const { return item < place_.size() && place_[item] != kAbsent; }

  // Puts an item in, or moves it to its new key.
  void put(const Entry& entry) {
    if (entry.item >= place_.size()) place_.resize(entry.item + std::size_t{1}, kAbsent);
    std::size_t at = place_[entry.item];
    if (at == kAbsent) {
      at = entries_.size();
      entries_.push_back(entry);
      rise(at, entry);
    } else if (entry.key < entries_[at].key) {
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
    if (at > 0 && last.key < entries_[(at - 1) / kArity].key) {
      rise(at, last);
    } else {
      sink(at, last);
    }
  }
  // Takes the front out.
  void pop() {
    place_[front().item] = kAbsent;
    const Entry last = entries_.back();
    entries_.pop_back();
    if (!entries_.empty()) sink(0, last);
  }
  // Puts an item that isn't there in the place of one that is.
  void replace(std::uint32_t item, std::uint32_t by) {
    assert(contains(item) && !contains(by));
    if (by >= place_.size()) place_.resize(by + std::size_t{1}, kAbsent);
    place_[by] = place_[item];
    place_[item] = kAbsent;
    entries_[place_[by]].item = by;
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
      if (!(entry.key < entries_[parent].key)) break;
      place(at, entries_[parent]);
      at = parent;
    }
    place(at, entry);
  }
  void sink(std::size_t at, const Entry& entry) {
    const Entry* const entries = entries_.begin();
    const std::size_t size = entries_.size();
    // Which child is the least is anybody's guess: reckoned instead of branched on, it costs no wrong guesses.
    const auto lesser = [entries](std::size_t a, std::size_t b) {
      return a + (b - a) * static_cast<std::size_t>(entries[b].key < entries[a].key);
    };
    while (true) {
      const std::size_t first = at * kArity + 1;
      std::size_t least = first;
      if (first + kArity <= size) {
        least = lesser(lesser(first, first + 1), lesser(first + 2, first + 3));
      } else if (first < size) {
        for (std::size_t child = first + 1; child < size; ++child) least = lesser(least, child);
      } else {
        break;
      }
      if (!(entries[least].key < entry.key)) break;
      place(at, entries[least]);
      at = least;
    }
    place(at, entry);
  }

  GrowingArray<Entry> entries_;
  std::vector<std::uint32_t> place_;  // by item
};

}  // namespace orrery
