// What units allow, how they round, and how they read.
#include "sim/base/units.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <concepts>

namespace orrery {
namespace {

template <class A, class B>
concept Adds = requires(A a, B b) { a + b; };
template <class A, class B>
concept Subtracts = requires(A a, B b) { a - b; };
template <class A, class B>
concept Multiplies = requires(A a, B b) { a* b; };
template <class A, class B>
concept Divides = requires(A a, B b) { a / b; };
template <class A, class B>
concept Compares = requires(A a, B b) { a < b; };

// Instants and lengths of time.
static_assert(!Adds<Time, Time>);
static_assert(Adds<Time, Duration> && std::same_as<decltype(Time() + Duration()), Time>);
static_assert(!Adds<Duration, Time>);
static_assert(Subtracts<Time, Time> && std::same_as<decltype(Time() - Time()), Duration>);
static_assert(Subtracts<Time, Duration> && !Subtracts<Duration, Time>);
static_assert(!Multiplies<Time, std::int64_t> && !Compares<Time, Duration>);
// No unit turns into another, nor into a number, nor a number into a unit.
static_assert(!Adds<Bytes, Duration> && !Adds<Bytes, Bandwidth> && !Adds<Bytes, std::int64_t>);
static_assert(!Adds<FlopCount, FlopRate> && !Adds<Watts, Joules> && !Adds<Joules, Dollars>);
static_assert(!Compares<Bytes, FlopCount> && !Compares<Duration, std::int64_t>);
static_assert(!std::convertible_to<std::int64_t, Bytes> && !std::convertible_to<std::int64_t, Duration>);
static_assert(!std::convertible_to<Bytes, std::int64_t> && !std::convertible_to<double, Watts>);
static_assert(!std::constructible_from<Duration, std::int64_t> && !std::constructible_from<Bandwidth, std::int64_t>);
static_assert(!std::constructible_from<FlopRate, double> && !std::constructible_from<Time, Duration>);
// Quotients name their rounding: there is no operator/.
static_assert(!Divides<Bytes, Bandwidth> && !Divides<Duration, Duration> && !Divides<Bytes, std::int64_t>);
static_assert(!Multiplies<Bytes, Bytes> && !Multiplies<Duration, Duration> && !Multiplies<Bandwidth, Bytes>);
static_assert(Multiplies<Watts, Duration> && std::same_as<decltype(Watts() * Duration()), Joules>);
static_assert(Multiplies<Bytes, std::int64_t> && Multiplies<std::int64_t, Bytes>);

// Usable before the program runs.
static_assert(transfer_time(Bytes(1), Bandwidth::bytes_per_second(3), Rounding::kDown) ==
              Duration::picoseconds(333'333'333'333));
static_assert(transfer_time(Bytes(1), Bandwidth::bytes_per_second(3), Rounding::kUp) ==
              Duration::picoseconds(333'333'333'334));

TEST_CASE("divide rounds as it is told") {
  CHECK(divide(7, 2, Rounding::kDown) == 3);
  CHECK(divide(7, 2, Rounding::kNearest) == 4);
  CHECK(divide(5, 4, Rounding::kNearest) == 1);
  CHECK(divide(7, 4, Rounding::kNearest) == 2);
  CHECK(divide(1, 3, Rounding::kNearest) == 0);
  CHECK(divide(2, 3, Rounding::kNearest) == 1);
  CHECK(divide(7, 2, Rounding::kUp) == 4);
  CHECK(divide(8, 2, Rounding::kUp) == 4);
  CHECK(divide(0, 5, Rounding::kUp) == 0);
  const Int128 huge = static_cast<Int128>(std::numeric_limits<std::int64_t>::max()) * 4;
  CHECK(divide(huge, 2, Rounding::kDown) == std::numeric_limits<std::int64_t>::max());
}

// The quotient by its definition, in 128 bits: q·rate ≤ bytes·10¹² < (q + 1)·rate.
TEST_CASE("transfer times are exact") {
  CHECK(rc::check("rounded down, up and to nearest", [] {
    const auto bytes = *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 50U);
    const auto rate = *rc::gen::inRange<std::int64_t>(1, std::int64_t{1} << 44U);
    const Int128 work = static_cast<Int128>(bytes) * 1'000'000'000'000;
    const Int128 most = static_cast<Int128>(std::numeric_limits<std::int64_t>::max()) - 1;
    RC_PRE(work / rate < most);
    const auto time = [&](Rounding rounding) {
      return static_cast<Int128>(transfer_time(Bytes(bytes), Bandwidth::bytes_per_second(rate), rounding).ps());
    };
    const Int128 down = time(Rounding::kDown);
    RC_ASSERT(down * rate <= work);
    RC_ASSERT(work < (down + 1) * rate);
    RC_ASSERT(time(Rounding::kUp) == (down * rate == work ? down : down + 1));
    const Int128 nearest = time(Rounding::kNearest);
    const Int128 off = nearest * rate - work;
    RC_ASSERT(2 * off <= rate);
    RC_ASSERT(-2 * off <= rate);
  }));
  CHECK(rc::check("what is carried in the rounded-up time is all of it", [] {
    const auto bytes = Bytes(*rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 40U));
    const auto rate = Bandwidth::bytes_per_second(*rc::gen::inRange<std::int64_t>(1'000'000, std::int64_t{1} << 44U));
    RC_ASSERT(carried(rate, transfer_time(bytes, rate, Rounding::kUp), Rounding::kDown) >= bytes);
    RC_ASSERT(carried(rate, transfer_time(bytes, rate, Rounding::kDown), Rounding::kDown) <= bytes);
  }));
}

TEST_CASE("seconds to picoseconds") {
  CHECK(Duration::seconds(1.5e-12).ps() == 2);
  CHECK(Duration::seconds(1.4e-12).ps() == 1);
  CHECK(Duration::seconds(0.1).ps() == 100'000'000'000);
  CHECK(Duration::seconds(-0.1).ps() == -100'000'000'000);
  CHECK(Duration::seconds(1e30) == Duration::max());
  CHECK((Watts(700) * Duration::seconds(2)).value() == doctest::Approx(1400));
}

TEST_CASE("lengths of time as people read them") {
  const auto text = [](std::int64_t ps) { return to_text(Duration::picoseconds(ps)); };
  CHECK(text(0) == "0 s");
  CHECK(text(1) == "1 ps");
  CHECK(text(999) == "999 ps");
  CHECK(text(1'000) == "1.00 ns");
  CHECK(text(-1'500) == "-1.50 ns");
  CHECK(text(999'499) == "999 ns");
  CHECK(text(999'500) == "1.00 us");
  CHECK(text(1'420'000'000'000) == "1.42 s");
  CHECK(text(59'990'000'000'000) == "60.0 s");
  CHECK(text(60'000'000'000'000) == "1.00 min");
  CHECK(text(5'400'000'000'000'000) == "1.50 h");
  CHECK(to_text(Duration::max()) == "107 days");
  CHECK(to_text(Duration::picoseconds(std::numeric_limits<std::int64_t>::min())) == "-107 days");
}

TEST_CASE("sizes and rates as people read them") {
  CHECK(to_text(Bytes(0)) == "0 B");
  CHECK(to_text(Bytes(1023)) == "1023 B");
  CHECK(to_text(Bytes(1024)) == "1.00 KiB");
  CHECK(to_text(Bytes(1000 * 1024)) == "0.977 MiB");
  CHECK(to_text(Bytes(48'958'963'302)) == "45.6 GiB");
  CHECK(to_text(Bytes(std::numeric_limits<std::int64_t>::max())) == "8.00 EiB");
  CHECK(to_text(Bandwidth::bytes_per_second(25'000'000'000)) == "25.0 GB/s");
  CHECK(to_text(Bandwidth::bytes_per_second(999)) == "999 B/s");
  CHECK(to_text(FlopRate::flops_per_second(989.4e12)) == "989 TFLOP/s");
  CHECK(to_text(FlopRate::flops_per_second(999.5e12)) == "1.00 PFLOP/s");
  CHECK(to_text(FlopCount(3.15e23)) == "315 ZFLOP");
  CHECK(to_text(FlopCount(3.15e40)) == "3.15e40 FLOP");
  CHECK(to_text(FlopCount(std::numeric_limits<double>::quiet_NaN())) == "nan");
  CHECK(to_text(Watts(700)) == "700 W");
  CHECK(to_text(Watts(12'340)) == "12.3 kW");
  CHECK(to_text(Watts(std::numeric_limits<double>::infinity())) == "inf");
  CHECK(to_text(Joules(0.7e-12)) == "700 fJ");
  CHECK(to_text(Joules(0)) == "0 J");
  CHECK(to_text(Dollars(0)) == "$0");
  CHECK(to_text(Dollars(12.3)) == "$12.3");
  CHECK(to_text(Dollars(-30'000)) == "-$30.0 k");
  CHECK(to_text(Dollars(4.5e9)) == "$4.50 B");
}

}  // namespace
}  // namespace orrery
