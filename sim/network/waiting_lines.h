// What waits for a time that was known when it came: a few lines, each in order, where a heap would shift each up and
// down again.
//
// Activities wait out a latency before they work. Those of equal latency come to the front in the order in which they
// came, and a fabric has few latencies: so each line takes what isn't due before its last.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <vector>

#include "sim/base/units.h"
#include "sim/fluid/growing_array.h"

namespace orrery {

// put(): O(lines); next(): O(1); take() of k: O(k + lines). What stands here leaves by take() alone.
// All times are below Time::max(), which says that a line is empty.
class WaitingLines {
 public:
  [[nodiscard]] Time next() const { return next_; }

  // False where no line takes it: every line's last is due later.
  bool put(Time time, std::uint32_t item) {
    assert(time < Time::max());
    for (Line& line : lines_) {
      if (time < line.last) continue;
      line.entries.push_back({time, item});
      line.last = time;
      line.next = std::min(line.next, time);
      next_ = std::min(next_, time);
      return true;
    }
    return false;
  }
  // Takes out all with time ≤ `last` and appends them to `out`, those of a line in the order in which they came.
  void take(Time last, std::vector<std::uint32_t>& out) {
    assert(last < Time::max());
    if (last < next_) return;
    Time next = Time::max();
    for (Line& line : lines_) {
      if (line.next <= last) line.take(last, out);
      next = std::min(next, line.next);
    }
    next_ = next;
  }

 private:
  static constexpr std::size_t kLines = 4;

  struct Entry {
    Time time;
    std::uint32_t item = 0;
  };
  // `next` and `last` could be read off the entries, but whether there are any is anybody's guess.
  struct Line {
    Time next = Time::max();  // of the first
    Time last;                // of the last that came, if any is left
    GrowingArray<Entry> entries;
    std::size_t first = 0;  // that hasn't been taken

    void take(Time until, std::vector<std::uint32_t>& out) {
      do {
        out.push_back(entries[first].item);
        ++first;
        next = first < entries.size() ? entries[first].time : Time::max();
      } while (next <= until);
      if (next == Time::max()) last = Time();  // an empty line takes whatever comes
      constexpr std::size_t kWorthwhile = 64;  // what has left is cleared away once it is that and most of the line
      if (first < kWorthwhile || 2 * first < entries.size()) return;
      std::copy(entries.begin() + first, entries.end(), entries.begin());
      entries.shrink(entries.size() - first);
      first = 0;
    }
  };

  std::array<Line, kLines> lines_;
  Time next_ = Time::max();
};

}  // namespace orrery
