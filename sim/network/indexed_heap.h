// What happens next: a 4-ary heap over (time, sequence) whose entries are found, moved and taken out by item.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "sim/base/units.h"
#include "sim/fluid/growing_array.h"

namespace orrery {

// Items are small dense numbers; each stands in the heap at most once. The front is the least (time, sequence); with
// sequences all different the order is total. Flat arrays; put() and erase() cost O(log n),
// put_all() and take() of k entries O(min(k·log n, n)), and ordering what is taken.
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
  // Puts many in, or moves them: one repair of the whole heap instead of one a put when they are a good part of it.
  void put_all(std::span<const Entry> entries) {
    if (entries.size() < kMany || entries.size() * kArity < entries_.size()) {
      for (const Entry& entry : entries) put(entry);
      return;
    }
    for (const Entry& entry : entries) {
      if (entry.item >= place_.size()) place_.resize(entry.item + std::size_t{1}, kAbsent);
      std::uint32_t& at = place_[entry.item];
      if (at == kAbsent) {
        at = static_cast<std::uint32_t>(entries_.size());
        entries_.push_back(entry);
      } else {
        entries_[at] = entry;
      }
    }
    repair();
  }
  // Takes out all with time ≤ `last` and appends them to `out`, in order.
  void take(Time last, std::vector<Entry>& out) {
    const std::size_t before = out.size();
    // They are the front and, with each, some of its children.
    const auto due = [this, last](std::size_t at) { return at < entries_.size() && entries_[at].time <= last; };
    if (due(0)) out.push_back(entries_[0]);
    for (std::size_t next = before; next < out.size(); ++next) {
      const std::size_t first = place_[out[next].item] * kArity + 1;
      for (std::size_t child = first; child < first + kArity; ++child)
        if (due(child)) out.push_back(entries_[child]);
    }
    const std::size_t taken = out.size() - before;
    if (taken > 1) {
      const auto begin = out.begin() + static_cast<std::ptrdiff_t>(before);
      if (!std::is_sorted(begin, out.end())) std::sort(begin, out.end());
    }
    if (taken < kMany || taken * kArity < entries_.size()) {
      for (std::size_t k = before; k < out.size(); ++k) erase(out[k].item);
      return;
    }
    std::size_t kept = 0;
    for (std::size_t k = before; k < out.size(); ++k) place_[out[k].item] = kAbsent;
    for (const Entry& entry : entries_)
      if (entry.time > last) entries_[kept++] = entry;
    entries_.shrink(kept);
    repair();
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
  static constexpr std::size_t kMany = 16;
  static constexpr std::uint32_t kAbsent = std::numeric_limits<std::uint32_t>::max();

  // Makes a heap of entries in any order, and writes down where each stands.
  void repair() {
    for (std::size_t at = 0; at < entries_.size(); ++at) place_[entries_[at].item] = static_cast<std::uint32_t>(at);
    for (std::size_t at = (entries_.size() + kArity - 2) / kArity; at-- > 0;) sink(at, Entry(entries_[at]));
  }
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
