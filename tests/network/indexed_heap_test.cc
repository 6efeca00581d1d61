// The event heap against a sorted set.
#include "sim/network/indexed_heap.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <set>
#include <utility>
#include <vector>

using orrery::IndexedHeap;
using orrery::Time;
using orrery::TimeAndSequence;

TEST_CASE("equal times come out in order of sequence") {
  IndexedHeap<TimeAndSequence> heap;
  heap.put({{Time::picoseconds(5), 2}, 0});
  heap.put({{Time::picoseconds(5), 1}, 1});
  heap.put({{Time::picoseconds(4), 9}, 2});
  CHECK(heap.front().item == 2);
  heap.erase(2);
  CHECK(heap.front().item == 1);
  CHECK_FALSE(heap.contains(2));
  heap.erase(2);
  heap.erase(77);
  CHECK(heap.size() == 2);
}

TEST_CASE("put, move and erase in any order keep the least in front") {
  CHECK(rc::check("heap", [] {
    constexpr std::uint32_t kItems = 40;
    IndexedHeap<TimeAndSequence> heap;
    std::vector<std::int64_t> time(kItems, -1);
    std::set<std::pair<std::int64_t, std::uint32_t>> model;  // sequence = item
    const int steps = *rc::gen::inRange(1, 200);
    for (int s = 0; s < steps; ++s) {
      const auto item = *rc::gen::inRange<std::uint32_t>(0, kItems);
      if (time[item] >= 0) model.erase({time[item], item});
      if (*rc::gen::inRange(0, 3) == 0) {
        heap.erase(item);
        time[item] = -1;
      } else {
        time[item] = *rc::gen::inRange<std::int64_t>(0, 30);
        heap.put({{Time::picoseconds(time[item]), item}, item});
        model.insert({time[item], item});
      }
      RC_ASSERT(heap.size() == model.size());
      if (!model.empty()) RC_ASSERT(heap.front().item == model.begin()->second);
    }
    while (!model.empty()) {
      RC_ASSERT(heap.front().item == model.begin()->second);
      RC_ASSERT(heap.front().key.time == Time::picoseconds(model.begin()->first));
      heap.erase(heap.front().item);
      model.erase(model.begin());
    }
    RC_ASSERT(heap.empty());
  }));
}
