// What a terminal may show: colour, a progress bar, and the simulator's own cost at the end.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "sim/base/units.h"

namespace orrery {

// Standard output is a terminal that wants colour: NO_COLOR and TERM=dumb switch it off (no-color.org).
[[nodiscard]] bool stdout_takes_colour();

// Wall time since it was made.
class Stopwatch {
 public:
  [[nodiscard]] double seconds() const;

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// A bar on standard error, if that is a terminal, for anything that takes over a second; gone when it is destroyed.
class ProgressBar {
 public:
  explicit ProgressBar(bool wanted);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  void show(double done_fraction);

 private:
  bool wanted_;
  bool shown_ = false;
  double next_ = 1;  // seconds on the watch at which it is drawn again
  Stopwatch watch_;
};

// The most memory that this process had at once; since forget_peak_memory(), where the system can forget.
[[nodiscard]] Bytes peak_memory();
void forget_peak_memory();

// "simulated in 3.21 s (1.52 M events/s, peak memory 410 MiB)": what varies from run to run, so never part of a result.
[[nodiscard]] std::string own_cost(const Stopwatch& watch, std::uint64_t events);

}  // namespace orrery
