// Spreads energy over bins in whole numbers; windows from the running sum of the bins.
#include "sim/report/energy_series.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace orrery {
namespace {

constexpr double kJoulesPerNanojoule = 1e-9;

// Joules until t, linear inside a bin, without end: after a period it goes on as it began.
class RunningSum {
 public:
  RunningSum(const EnergySeries& series, Duration period)
      : width_(series.width().in_seconds()), period_(period.in_seconds()) {
    Int128 sum = 0;
    until_.push_back(0);
    for (const Int128 bin : series.bins()) {
      sum += bin;
      until_.push_back(static_cast<double>(sum) * kJoulesPerNanojoule);
    }
  }

  [[nodiscard]] double at(double t) const {
    const double periods = std::floor(t / period_);
    return periods * until_.back() + within(std::clamp(t - periods * period_, 0.0, period_));
  }

 private:
  [[nodiscard]] double within(double t) const {
    const auto bin = static_cast<std::size_t>(t / width_);
    if (bin + 1 >= until_.size()) return until_.back();
    const double from = static_cast<double>(bin) * width_;
    const double to = std::min(from + width_, period_);  // the last bin ends with the period
    const double part = to > from ? std::min(1.0, (t - from) / (to - from)) : 1;
    return until_[bin] + part * (until_[bin + 1] - until_[bin]);
  }

  double width_;
  double period_;
  std::vector<double> until_;  // by bin, and one past the last
};

}  // namespace

void EnergySeries::halve() {
  for (std::size_t i = 0; i < bins_.size(); i += 2) bins_[i / 2] = bins_[i] + (i + 1 < bins_.size() ? bins_[i + 1] : 0);
  bins_.resize((bins_.size() + 1) / 2);
  ++shift_;
}

void EnergySeries::reach(std::int64_t last) {
  while ((last >> shift_) >= static_cast<std::int64_t>(kBins)) halve();
  const auto needed = static_cast<std::size_t>(last >> shift_) + 1;
  if (bins_.size() < needed) bins_.resize(needed, 0);
}

void EnergySeries::add(Time begin, Time end, Int128 nanojoules) {
  assert(begin.ps() >= 0 && end >= begin);
  const std::int64_t length = (end - begin).ps();
  const std::int64_t last = length > 0 ? end.ps() - 1 : begin.ps();
  reach(last);
  const auto to = static_cast<std::size_t>(last >> shift_);
  Int128 before = 0;
  for (auto bin = static_cast<std::size_t>(begin.ps() >> shift_); bin < to; ++bin) {
    const std::int64_t edge = static_cast<std::int64_t>(bin + 1) << shift_;
    const Int128 until = nanojoules * (edge - begin.ps()) / length;
    bins_[bin] += until - before;
    before = until;
  }
  bins_[to] += nanojoules - before;
}

Int128 EnergySeries::total() const {
  Int128 sum = 0;
  for (const Int128 bin : bins_) sum += bin;
  return sum;
}

EnergySeries EnergySeries::widened(Duration width) const {
  EnergySeries wide = *this;
  while (wide.width() < width) wide.halve();
  return wide;
}

WindowPower::WindowPower(const EnergySeries& series, Duration period, Duration window)
    : window_(std::min(std::max(window, series.width()), period)) {
  const RunningSum sum(series, period);
  const double length = window_.in_seconds();
  const double width = series.width().in_seconds();
  double peak = 0;
  double trough = 0;
  bool first = true;
  // CORRECTNESS: the mean over a window is linear in its begin but where an end of it crosses an edge of a bin, so its
  // extremes lie at such places.
  for (std::size_t bin = 0; bin < series.bins().size(); ++bin) {
    const double edge = static_cast<double>(bin) * width;
    for (const double begin : {edge, edge - length}) {
      const double middle = sum.at(begin + length);
      const double power = (middle - sum.at(begin)) / length;
      const double next = (sum.at(begin + 2 * length) - middle) / length;
      ramp_ = std::max(ramp_, std::abs(next - power) / length);
      peak = first ? power : std::max(peak, power);
      trough = first ? power : std::min(trough, power);
      first = false;
    }
  }
  peak_ = Watts(peak);
  trough_ = Watts(trough);
}

}  // namespace orrery
