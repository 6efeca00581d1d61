// What is due when: items in buckets of equal time, and a heap of the times alone.
//
// In a synchronous job hundreds of activities end at one picosecond. Most of them then share a place in the heap:
// putting one more there costs a look at the buckets of late, and taking them all out is one step and a sort of what
// comes out.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <limits>
#include <vector>

#include "sim/base/scrambled.h"
#include "sim/base/units.h"
#include "sim/fluid/growing_array.h"
#include "sim/network/indexed_heap.h"

namespace orrery {

// Items are small dense numbers; each stands in the agenda at most once. put(), erase(): O(1) in a bucket that is known
// and stays, else O(log of the buckets). take() of k items: O(k·log k), O(k) if they were put in order, and
// O(log of the buckets) for each bucket. A time may have several buckets; nothing but cost depends on it.
class Agenda {
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

 public:
  using Entry = IndexedHeap::Entry;

  Agenda() { of_late_.fill(kNone); }

  [[nodiscard]] bool empty() const { return heap_.empty(); }
  [[nodiscard]] Time next() const { return heap_.empty() ? Time::max() : heap_.front().time; }
  [[nodiscard]] bool contains(std::uint32_t item) const { return item < nodes_.size() && nodes_[item].bucket != kNone; }

  // Puts an item in, or moves it to its new time.
  void put(const Entry& entry) {
    while (entry.item >= nodes_.size()) nodes_.push_back(Node());
    Node& node = nodes_[entry.item];
    node.sequence = entry.sequence;
    std::uint32_t target = find(entry.time);
    if (node.bucket != kNone) {
      if (node.bucket == target) return;
      if (target == kNone && buckets_[node.bucket].count == 1) return set_time(node.bucket, entry.time);
      unlink(entry.item);
    }
    if (target == kNone) target = open(entry.time);
    Bucket& bucket = buckets_[target];
    node.bucket = target;
    node.previous = bucket.last;
    node.next = kNone;
    (bucket.last != kNone ? nodes_[bucket.last].next : bucket.first) = entry.item;
    bucket.last = entry.item;
    ++bucket.count;
  }
  // Does nothing when the item isn't there.
  void erase(std::uint32_t item) {
    if (contains(item)) unlink(item);
  }
  // Takes out all with time ≤ `last` and appends them to `out`, in order of (time, sequence).
  void take(Time last, std::vector<Entry>& out) {
    const auto before = static_cast<std::ptrdiff_t>(out.size());
    while (next() <= last) {
      const Time time = heap_.front().time;
      const std::uint32_t bucket = heap_.front().item;
      for (std::uint32_t item = buckets_[bucket].first; item != kNone; item = nodes_[item].next) {
        out.push_back({time, nodes_[item].sequence, item});
        nodes_[item].bucket = kNone;
      }
      close(bucket);
    }
    if (!std::is_sorted(out.begin() + before, out.end())) std::sort(out.begin() + before, out.end());
  }

 private:
  static constexpr std::size_t kSlots = 1024;

  struct Node {
    std::uint64_t sequence = 0;
    std::uint32_t bucket = kNone;
    std::uint32_t previous = kNone;  // in the bucket's list
    std::uint32_t next = kNone;
  };
  struct Bucket {
    std::uint32_t first = kNone;
    std::uint32_t last = kNone;
    std::uint32_t count = 0;  // 0: it is free
    Time time;
  };
  void unlink(std::uint32_t item) {
    Node& node = nodes_[item];
    Bucket& bucket = buckets_[node.bucket];
    (node.previous != kNone ? nodes_[node.previous].next : bucket.first) = node.next;
    (node.next != kNone ? nodes_[node.next].previous : bucket.last) = node.previous;
    if (--bucket.count == 0) close(node.bucket);
    node.bucket = kNone;
  }

  std::uint32_t open(Time time) {
    std::uint32_t bucket = 0;
    if (free_.empty()) {
      bucket = static_cast<std::uint32_t>(buckets_.size());
      buckets_.push_back(Bucket());
    } else {
      bucket = free_.back();
      free_.pop_back();
      buckets_[bucket] = Bucket();
    }
    set_time(bucket, time);
    return bucket;
  }
  void close(std::uint32_t bucket) {
    buckets_[bucket].count = 0;
    heap_.erase(bucket);
    free_.push_back(bucket);
  }
  void set_time(std::uint32_t bucket, Time time) {
    buckets_[bucket].time = time;
    heap_.put({time, 0, bucket});
    of_late_[slot_of(time)] = bucket;
  }

  static std::size_t slot_of(Time time) {
    return static_cast<std::size_t>(scrambled(static_cast<std::uint64_t>((time - Time()).ps())) % kSlots);
  }
  // A bucket of that time, if one is known.
  [[nodiscard]] std::uint32_t find(Time time) const {
    const std::uint32_t bucket = of_late_[slot_of(time)];
    if (bucket == kNone || buckets_[bucket].count == 0 || buckets_[bucket].time != time) return kNone;
    return bucket;
  }

  GrowingArray<Node> nodes_;  // by item
  GrowingArray<Bucket> buckets_;
  std::vector<std::uint32_t> free_;            // buckets
  IndexedHeap heap_;                           // of buckets
  std::array<std::uint32_t, kSlots> of_late_;  // by hash of a bucket's time: the last that got it
};

}  // namespace orrery
