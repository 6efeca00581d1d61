// Terminal manners: nothing but plain text unless someone is looking.
#include "tools/orrery/terminal.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string_view>

namespace orrery {

bool stdout_takes_colour() {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return isatty(STDOUT_FILENO) != 0 && (no_color == nullptr || *no_color == '\0') &&
         (term != nullptr && std::string_view(term) != "dumb");
}

double Stopwatch::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

ProgressBar::ProgressBar(bool wanted) : wanted_(wanted && isatty(STDERR_FILENO) != 0) {}

ProgressBar::~ProgressBar() {
  if (shown_) std::cerr << "\r\x1b[K" << std::flush;
}

void ProgressBar::show(double done_fraction) {
  if (!wanted_ || watch_.seconds() < next_) return;
  constexpr double kRedraw = 0.1;
  constexpr int kWidth = 40;
  next_ = watch_.seconds() + kRedraw;
  shown_ = true;
  const double fraction = std::clamp(done_fraction, 0.0, 1.0);
  const int full = static_cast<int>(fraction * kWidth);
  const double left = fraction > 0 ? watch_.seconds() * (1 - fraction) / fraction : 0;
  std::cerr << fmt::format("\r\x1b[K[{:=<{}}{: <{}}] {:3.0f} %, {:.0f} s left", "", full, "", kWidth - full,
                           100 * fraction, left)
            << std::flush;
}

Bytes peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  constexpr std::int64_t kKibi = 1024;
  return Bytes(usage.ru_maxrss * kKibi);
}

void forget_peak_memory() {
  std::ofstream("/proc/self/clear_refs") << "5";  // Linux: proc(5)
}

std::string own_cost(const Stopwatch& watch, std::uint64_t events) {
  const double seconds = watch.seconds();
  return fmt::format("simulated in {:.2f} s ({:.2f} M events/s, peak memory {})", seconds,
                     seconds > 0 ? static_cast<double>(events) / seconds / 1e6 : 0.0, to_text(peak_memory()));
}

}  // namespace orrery
