// Energy over time in bins of equal width: bounded memory, exact sums, the same whatever the order of what is added.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/units.h"

namespace orrery {

// Whole nanojoules. Bins begin a microsecond wide (2²⁰ ps) and double whenever time outgrows kBins of them.
//
// What is added is spread evenly from its begin to its end; of the energy E of a length L, ⌊E·t ÷ L⌋ lies before the
// edge of a bin at t. So two neighbouring bins together hold what one of twice the width would: when bins double
// changes nothing.
class EnergySeries {
 public:
  static constexpr std::size_t kBins = 2048;

  // `end` ≥ `begin` ≥ 0; nothing lasts no time: such energy stands where it begins.
  void add(Time begin, Time end, Int128 nanojoules);

  [[nodiscard]] Duration width() const { return Duration::picoseconds(std::int64_t{1} << shift_); }
  [[nodiscard]] const std::vector<Int128>& bins() const { return bins_; }  // as many as are needed
  [[nodiscard]] Int128 total() const;
  // The same in bins of `width`: this one's, doubled some times.
  [[nodiscard]] EnergySeries widened(Duration width) const;

 private:
  void reach(std::int64_t last);  // the last picosecond that has a place
  void halve();

  unsigned shift_ = 20;
  std::vector<Int128> bins_;
};

// Mean power over windows of a length, of a series that repeats after `period`: a step is followed by one like it.
class WindowPower {
 public:
  // At least one bin wide, at most the period.
  WindowPower(const EnergySeries& series, Duration period, Duration window);

  [[nodiscard]] Watts peak() const { return peak_; }
  [[nodiscard]] Watts trough() const { return trough_; }
  // The largest change from one window to the one that follows it, a second: W/s.
  [[nodiscard]] double ramp() const { return ramp_; }
  [[nodiscard]] Duration window() const { return window_; }

 private:
  Duration window_;
  Watts peak_;
  Watts trough_;
  double ramp_ = 0;
};

}  // namespace orrery
