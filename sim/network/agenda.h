// What is due when: items of equal time in rings, and a heap with one item of each ring.
//
// In a synchronous job hundreds of activities end at one picosecond. Most of them then share a place in the heap:
// putting one more there costs a look at the times of late, and taking them all out is one step and a sort of what
// comes out.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "sim/base/units.h"
#include "sim/fluid/growing_array.h"
#include "sim/network/indexed_heap.h"

namespace orrery {

// Items are small dense numbers; each stands in the agenda at most once. put(), erase(): O(1) in a ring that is known
// and stays, else O(log of the rings). take() of k items: O(k·log k), O(k) if they were put in order, and O(log of the
// rings) for each ring. A time may have several rings; nothing but cost depends on it.
class Agenda {
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

 public:
  struct Entry {
    Time time;
    std::uint64_t sequence = 0;
    std::uint32_t item = 0;
  };

  [[nodiscard]] bool empty() const { return heap_.empty(); }
  [[nodiscard]] Time next() const { return heap_.empty() ? Time::max() : heap_.front().key; }
  [[nodiscard]] bool contains(std::uint32_t item) const { return item < nodes_.size() && nodes_[item].next != kNone; }

  // Puts an item in, or moves it to its new time.
  void put(const Entry& entry) {
    while (entry.item >= nodes_.size()) nodes_.push_back(Node());
    Node& node = nodes_[entry.item];
    node.sequence = entry.sequence;
    if (node.next != kNone) {
      if (node.time == entry.time) return;
      // Alone in its ring, it only changes its place in the heap, if it stays alone.
      if (node.next != entry.item) unlink(entry.item);
    }
    Late& late = of_late_[slot_of(entry.time)];
    if (late.time == entry.time && contains(late.item) && nodes_[late.item].time == entry.time) {
      if (node.next != kNone) unlink(entry.item);
      Node& before = nodes_[late.item];
      node.previous = late.item;
      node.next = before.next;
      nodes_[before.next].previous = entry.item;
      before.next = entry.item;
    } else {
      node.previous = node.next = entry.item;
      heap_.put({entry.time, entry.item});
    }
    node.time = entry.time;
    late = {entry.time, entry.item};
  }
  // Does nothing when the item isn't there.
  void erase(std::uint32_t item) {
    if (contains(item)) unlink(item);
  }
  // Takes out all with time ≤ `last` and appends them to `out`, in order of (time, sequence).
  void take(Time last, std::vector<std::uint32_t>& out) {
    while (next() <= last) {
      const Time time = next();
      const std::size_t begin = out.size();
      do {
        std::uint32_t item = heap_.front().item;
        heap_.pop();
        while (nodes_[item].next != kNone) {
          out.push_back(item);
          const std::uint32_t after = nodes_[item].next;
          nodes_[item].next = kNone;
          item = after;
        }
      } while (next() == time);
      if (out.size() - begin > 1) put_in_order(out, begin);
    }
  }

 private:
  static constexpr unsigned kSlotBits = 8;

  struct Node {
    Time time;
    std::uint64_t sequence = 0;
    std::uint32_t previous = kNone;  // in the ring
    std::uint32_t next = kNone;      // kNone: not in the agenda
  };

  // Its time stands here too, so that what is another's is known without a look at the item.
  struct Late {
    Time time = Time::max();
    std::uint32_t item = kNone;
  };

  void unlink(std::uint32_t item) {
    Node& node = nodes_[item];
    if (node.next == item) {
      heap_.erase(item);
    } else {
      if (heap_.contains(item)) heap_.replace(item, node.next);
      nodes_[node.previous].next = node.next;
      nodes_[node.next].previous = node.previous;
    }
    node.next = kNone;
  }

  void put_in_order(std::vector<std::uint32_t>& out, std::size_t begin) const {
    const auto earlier = [this](std::uint32_t a, std::uint32_t b) { return nodes_[a].sequence < nodes_[b].sequence; };
    const auto first = out.begin() + static_cast<std::ptrdiff_t>(begin);
    if (!std::is_sorted(first, out.end(), earlier)) std::sort(first, out.end(), earlier);
  }

  static std::size_t slot_of(Time time) {
    constexpr std::uint64_t kGolden = 0x9E37'79B9'7F4A'7C15U;  // 2⁶⁴ / φ: neighbours land far apart
    return static_cast<std::size_t>(static_cast<std::uint64_t>((time - Time()).ps()) * kGolden >> (64 - kSlotBits));
  }

  GrowingArray<Node> nodes_;                               // by item
  IndexedHeap<Time> heap_;                                 // of one item a ring
  std::array<Late, std::size_t{1} << kSlotBits> of_late_;  // by hash of a time: what was put there last
};

}  // namespace orrery
