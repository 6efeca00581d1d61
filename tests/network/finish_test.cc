// The rounding of completion times, against exact integers.
#include "sim/network/finish.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>

using orrery::Duration;
using orrery::time_to_finish;

namespace {

__extension__ typedef __int128 Wide;

// ⌈amount·10¹²/rate − 1/1000⌉ for whole amounts and rates: the first t with 1000·(amount·10¹² − rate·t) ≤ rate, found
// by testing the definition around a rough quotient.
std::int64_t by_definition(std::int64_t amount, std::int64_t rate) {
  const Wide work = static_cast<Wide>(amount) * 1'000'000'000'000;
  const auto done = [&](Wide t) { return (work - static_cast<Wide>(rate) * t) * 1000 <= rate; };
  Wide t = work / rate;
  while (!done(t)) ++t;
  while (t > 0 && done(t - 1)) --t;
  return static_cast<std::int64_t>(t);
}

// Whole numbers of every size up to `most`, small ones as often as large ones.
std::int64_t of_any_size(std::int64_t most) {
  const int bits = *rc::gen::inRange(0, 63);
  return 1 + *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << bits) % most;
}

}  // namespace

TEST_CASE("times are rounded up to whole picoseconds") {
  CHECK(time_to_finish(25, 25e9).ps() == 1000);
  CHECK(time_to_finish(1, 3e12).ps() == 1);   // ⅓ ps
  CHECK(time_to_finish(10, 3e12).ps() == 4);  // 3⅓ ps
  CHECK(time_to_finish(9, 3e12).ps() == 3);   // exactly 3
  CHECK(time_to_finish(0, 3e12).ps() == 0);
  CHECK(time_to_finish(0, 0).ps() == 0);
}

TEST_CASE("less than a thousandth of a picosecond left counts as done") {
  CHECK(time_to_finish(1, 1e15).ps() == 0);  // exactly 10⁻³ ps
  CHECK(time_to_finish(1.001, 1e15).ps() == 1);
  CHECK(time_to_finish(1001, 1e15).ps() == 1);  // 1.001 ps
  CHECK(time_to_finish(1001.5, 1e15).ps() == 2);
  CHECK(time_to_finish(1e-300, 1).ps() == 0);
}

TEST_CASE("what never ends, or not within 63 bits, ends at the end of time") {
  CHECK(time_to_finish(1, 0) == Duration::max());
  CHECK(time_to_finish(1e30, 1) == Duration::max());
  CHECK(time_to_finish(1, 1e-90) == Duration::max());
  CHECK(time_to_finish(9'223'373, 1) == Duration::max());  // 2⁶³ ps = 9,223,372.04 s
  CHECK(time_to_finish(9'223'372, 1).ps() == 9'223'372'000'000'000'000);
}

TEST_CASE("whole bytes over whole bandwidths: exact wherever doubles hold them") {
  CHECK(rc::check("bytes up to 2^53", [] {
    const std::int64_t bytes = of_any_size(std::int64_t{1} << 53);
    const std::int64_t bandwidth = of_any_size(10'000'000'000'000);
    RC_PRE(static_cast<double>(bytes) / static_cast<double>(bandwidth) < 9e6);
    RC_ASSERT(time_to_finish(static_cast<double>(bytes), static_cast<double>(bandwidth)).ps() ==
              by_definition(bytes, bandwidth));
  }));
  CHECK(rc::check("bytes up to 2^62, as doubles round them", [] {
    const auto bytes = static_cast<double>(of_any_size(std::int64_t{1} << 62));
    const std::int64_t bandwidth = of_any_size(10'000'000'000'000);
    RC_PRE(bytes / static_cast<double>(bandwidth) < 9e6);
    RC_ASSERT(time_to_finish(bytes, static_cast<double>(bandwidth)).ps() ==
              by_definition(static_cast<std::int64_t>(bytes), bandwidth));
  }));
  CHECK(rc::check("whole multiples end on the dot", [] {
    const std::int64_t bandwidth = *rc::gen::inRange<std::int64_t>(1, 10'000);  // bytes a nanosecond
    const std::int64_t nanoseconds = of_any_size(1'000'000'000'000);
    RC_PRE(static_cast<Wide>(bandwidth) * nanoseconds < (Wide{1} << 53));
    RC_ASSERT(time_to_finish(static_cast<double>(bandwidth * nanoseconds), static_cast<double>(bandwidth) * 1e9).ps() ==
              nanoseconds * 1000);
  }));
}
