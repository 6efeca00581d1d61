// Energy over time: nothing is lost, order and width don't matter; windows against closed forms.
#include "sim/report/energy_series.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

namespace orrery {
namespace {

struct Portion {
  std::int64_t begin = 0;
  std::int64_t length = 0;
  std::int64_t nanojoules = 0;
};

EnergySeries filled(const std::vector<Portion>& portions) {
  EnergySeries series;
  for (const Portion& p : portions)
    series.add(Time::picoseconds(p.begin), Time::picoseconds(p.begin + p.length), p.nanojoules);
  return series;
}

Time at_ms(std::int64_t ms) { return Time() + Duration::microseconds(1000 * ms); }

}  // namespace

TEST_CASE("bins hold all that was added, whatever came first") {
  CHECK(rc::check("energy series", [] {
    std::vector<Portion> portions;
    const auto count = *rc::gen::inRange(1, 40);
    for (int i = 0; i < count; ++i)
      portions.push_back({*rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << *rc::gen::inRange(1, 50)),
                          *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << *rc::gen::inRange(1, 50)),
                          *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << *rc::gen::inRange(1, 60))});
    const EnergySeries series = filled(portions);
    Int128 sum = 0;
    for (const Portion& p : portions) sum += p.nanojoules;
    RC_ASSERT(series.total() == sum);
    RC_ASSERT(series.bins().size() <= EnergySeries::kBins);
    // Widest first: its bins are wide from the beginning.
    std::sort(portions.begin(), portions.end(),
              [](const Portion& a, const Portion& b) { return a.begin + a.length > b.begin + b.length; });
    const EnergySeries other = filled(portions);
    RC_ASSERT(other.width() == series.width());
    RC_ASSERT(other.bins() == series.bins());
  }));
}

TEST_CASE("a square wave: peak, trough and ramp of windows") {
  // 1 kW for 100 ms, nothing for 300 ms, and so on.
  EnergySeries series;
  series.add(at_ms(0), at_ms(100), 100'000'000'000);
  const Duration period = Duration::microseconds(400'000);
  const WindowPower fine(series, period, Duration::microseconds(50'000));
  CHECK(fine.peak().value() == doctest::Approx(1000).epsilon(0.01));
  CHECK(fine.trough().value() == doctest::Approx(0));
  // From a window of nothing to a full one.
  CHECK(fine.ramp() == doctest::Approx(1000 / 0.05).epsilon(0.01));
  // Twice as long as what burns: half full at best, and never all empty beyond 300 ms.
  const WindowPower wide(series, period, Duration::microseconds(200'000));
  CHECK(wide.peak().value() == doctest::Approx(500).epsilon(0.01));
  CHECK(wide.trough().value() == doctest::Approx(0));
  const WindowPower whole(series, period, period);
  CHECK(whole.peak().value() == doctest::Approx(250).epsilon(0.001));
  CHECK(whole.trough().value() == doctest::Approx(250).epsilon(0.001));
  CHECK(whole.ramp() == doctest::Approx(0).epsilon(1).scale(1));
}

TEST_CASE("a window goes on from the end of a step into the next") {
  // 1 kW at both ends of a step of 100 ms, 10 ms each.
  EnergySeries series;
  series.add(at_ms(0), at_ms(10), 10'000'000'000);
  series.add(at_ms(90), at_ms(100), 10'000'000'000);
  const Duration period = Duration::microseconds(100'000);
  CHECK(WindowPower(series, period, Duration::microseconds(20'000)).peak().value() ==
        doctest::Approx(1000).epsilon(0.01));
}

TEST_CASE("windows are no shorter than a bin and no longer than the period") {
  EnergySeries series;
  series.add(Time(), at_ms(10), 1);
  CHECK(WindowPower(series, Duration::microseconds(10'000), Duration::picoseconds(1)).window() == series.width());
  CHECK(WindowPower(series, Duration::microseconds(10'000), Duration::microseconds(90'000)).window() ==
        Duration::microseconds(10'000));
}

}  // namespace orrery
