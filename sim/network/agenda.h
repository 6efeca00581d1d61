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

namespace orrery {

// Items are small dense numbers; each stands in the agenda at most once. put(), erase(): O(1) in a bucket that is known
// and stays, else O(log of the buckets). take() of k items: O(k·log k), O(k) if they were put in order, and
// O(log of the buckets) for each bucket. A time may have several buckets; nothing but cost depends on it.
class Agenda {
 public:
  struct Entry {
    Time time;
    std::uint64_t sequence = 0;
    std::uint32_t item = 0;
  };

  [[nodiscard]] bool empty() const { return heap_.empty(); }
  [[nodiscard]] Time next() const { return heap_.empty() ? Time::max() : heap_[0].time; }
  [[nodiscard]] bool contains(std::uint32_t item) const { return item < nodes_.size() && nodes_[item].bucket != kNone; }

  // Puts an item in, or moves it to its new time.
  void put(const Entry& entry) {
    while (entry.item >= nodes_.size()) nodes_.push_back(Node());
    Node& node = nodes_[entry.item];
    node.sequence = entry.sequence;
    std::uint32_t target = find(entry.time);
    if (node.bucket != kNone) {
      if (node.bucket == target) return;
      if (target == kNone && buckets_[node.bucket].count == 1) return retime(node.bucket, entry.time);
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
      const auto [time, bucket] = heap_[0];
      for (std::uint32_t item = buckets_[bucket].first; item != kNone; item = nodes_[item].next) {
        out.push_back({time, nodes_[item].sequence, item});
        nodes_[item].bucket = kNone;
      }
      close(bucket);
    }
    const auto earlier = [](const Entry& a, const Entry& b) {
      return a.time != b.time ? a.time < b.time : a.sequence < b.sequence;
    };
    if (!std::is_sorted(out.begin() + before, out.end(), earlier)) std::sort(out.begin() + before, out.end(), earlier);
  }

 private:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::size_t kArity = 4;
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
    std::uint32_t place = 0;  // in heap_
  };
  struct Due {
    Time time;
    std::uint32_t bucket = kNone;
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
    heap_.push_back({time, bucket});
    rise(heap_.size() - 1, {time, bucket});
    of_late_[slot_of(time)] = {time, bucket};
    return bucket;
  }

  void close(std::uint32_t bucket) {
    const std::size_t at = buckets_[bucket].place;
    buckets_[bucket].count = 0;
    const Due last = heap_.back();
    heap_.pop_back();
    if (at < heap_.size()) settle(at, last);
    free_.push_back(bucket);
  }

  // Its only item moves.
  void retime(std::uint32_t bucket, Time time) {
    of_late_[slot_of(time)] = {time, bucket};
    settle(buckets_[bucket].place, {time, bucket});
  }

  // The heap: the earliest time in front.
  void settle(std::size_t at, const Due& due) {
    if (at > 0 && due.time < heap_[(at - 1) / kArity].time) {
      rise(at, due);
    } else {
      sink(at, due);
    }
  }
  void place(std::size_t at, const Due& due) {
    heap_[at] = due;
    buckets_[due.bucket].place = static_cast<std::uint32_t>(at);
  }
  void rise(std::size_t at, const Due due) {
    while (at > 0) {
      const std::size_t parent = (at - 1) / kArity;
      if (!(due.time < heap_[parent].time)) break;
      place(at, heap_[parent]);
      at = parent;
    }
    place(at, due);
  }
  void sink(std::size_t at, const Due due) {
    while (true) {
      const std::size_t first = at * kArity + 1;
      if (first >= heap_.size()) break;
      const std::size_t end = std::min(first + kArity, heap_.size());
      std::size_t least = first;
      for (std::size_t child = first + 1; child < end; ++child)
        if (heap_[child].time < heap_[least].time) least = child;
      if (!(heap_[least].time < due.time)) break;
      place(at, heap_[least]);
      at = least;
    }
    place(at, due);
  }

  static std::size_t slot_of(Time time) {
    return static_cast<std::size_t>(scrambled(static_cast<std::uint64_t>((time - Time()).ps())) % kSlots);
  }
  // A bucket of that time, if one is known.
  [[nodiscard]] std::uint32_t find(Time time) const {
    const Due& due = of_late_[slot_of(time)];
    if (due.time != time || due.bucket == kNone) return kNone;
    const Bucket& bucket = buckets_[due.bucket];
    return bucket.count > 0 && heap_[bucket.place].time == time ? due.bucket : kNone;
  }

  GrowingArray<Node> nodes_;  // by item
  GrowingArray<Bucket> buckets_;
  std::vector<std::uint32_t> free_;  // buckets
  GrowingArray<Due> heap_;
  std::array<Due, kSlots> of_late_{};  // by hash of the time: the bucket that was opened last
};

}  // namespace orrery
