// Decimals: what counts as a number, and that scaling is exact with one rounding.
#include "sim/base/decimal.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <string>

namespace orrery {
namespace {

Decimal decimal(std::string_view text) {
  REQUIRE(number_length(text) == text.size());
  const std::optional<Decimal> value = read_decimal(text);
  REQUIRE(value.has_value());
  return *value;
}
std::int64_t scaled(std::string_view text, std::uint64_t times, int tens, int divisor = 1) {
  return static_cast<std::int64_t>(decimal(text).scaled(times, tens, divisor));
}

TEST_CASE("how far a number goes") {
  CHECK(number_length("450 GB/s") == 3);
  CHECK(number_length("3.35TB/s") == 4);
  CHECK(number_length("5 EB") == 1);
  CHECK(number_length("5EB") == 1);  // no exponent follows: the letter is a unit's
  CHECK(number_length("5e3B") == 3);
  CHECK(number_length("-0.5e-3x") == 7);
  for (const char* text : {"", "-", ".5", "5.", "+5", "010", "00", "1_000", "1,000", "1.2.3", "x", " 1", "--1"})
    CHECK_MESSAGE(number_length(text) == 0, text);
}

TEST_CASE("digits and exponents") {
  CHECK(decimal("0.1").digits == 1);
  CHECK(decimal("0.1").exponent == -1);
  CHECK(decimal("1200").digits == 12);
  CHECK(decimal("1200").exponent == 2);
  CHECK(decimal("-10.50e3").negative);
  CHECK(decimal("-10.50e3").digits == 105);
  CHECK(decimal("-10.50e3").exponent == 2);
  CHECK_FALSE(decimal("-0.000").negative);
  CHECK(decimal("123456789012345678").digits == 123456789012345678U);
  CHECK(decimal("100000000000000000000000000000").digits == 1);
  CHECK(decimal("9999999999999999999").digits == 9999999999999999999U);
  CHECK_FALSE(read_decimal("12345678901234567891").has_value());
  CHECK_FALSE(read_decimal("1.00000000000000000001").has_value());
  CHECK(decimal("1e999999999999").exponent == 100'000);
  CHECK(decimal("1e-999999999999").exponent == -100'000);
}

TEST_CASE("scaling is exact") {
  CHECK(scaled("0.1", 1, 9) == 100'000'000);
  CHECK(scaled("3.35", 1, 12) == 3'350'000'000'000);
  CHECK(scaled("0.3", std::uint64_t{1} << 30U, 0) == 322'122'547);  // 322122547.2
  CHECK(scaled("200", 1, 9, 8) == 25'000'000'000);
  CHECK(scaled("4", 1, 0, 8) == 1);  // a half, away from zero
  CHECK(scaled("-4", 1, 0, 8) == -1);
  CHECK(scaled("3", 1, 0, 8) == 0);
  CHECK(scaled("0.5", 1, 0) == 1);
  CHECK(scaled("0.499999999999999999", 1, 0) == 0);
  CHECK(scaled("1e-100", 1, 12) == 0);
  CHECK(scaled("7e-50", std::uint64_t{1} << 60U, 50) == (std::int64_t{7} << 60U));
  CHECK(decimal("1e100").scaled(1, 0, 1) == static_cast<Int128>(1) << 126U);
  CHECK(decimal("-1e100").scaled(1, 0, 8) < 0);
}

TEST_CASE("doubles are rounded once") {
  CHECK(decimal("989.4").scaled_double(1, 12) == 989.4e12);
  CHECK(decimal("0.7").scaled_double(1, -12) == 0.7e-12);
  CHECK(decimal("1.1").scaled_double(36, 8) == 3.96e9);
  CHECK(std::isinf(decimal("1e400").scaled_double(1, 0)));
  CHECK(decimal("1e-400").scaled_double(1, 0) == 0);
  CHECK(decimal("-2.5").scaled_double(1, 3) == -2500);
  CHECK_FALSE(std::signbit(decimal("-0").scaled_double(1, 0)));
}

TEST_CASE("whole decimals come back whatever way they are written") {
  CHECK(rc::check("d.ddd × 10^k", [] {
    const auto value = *rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000'000'000);
    const auto places = *rc::gen::inRange<std::size_t>(1, 18);
    std::string digits = std::to_string(value);
    digits.insert(0, std::string(digits.size() < places + 1 ? places + 1 - digits.size() : 0, '0'));
    digits.insert(digits.size() - places, ".");
    RC_ASSERT(number_length(digits) == (digits[0] == '0' && digits[1] != '.' ? 0 : digits.size()));
    RC_ASSERT(decimal(digits).scaled(1, static_cast<int>(places), 1) == value);
    RC_ASSERT(decimal(digits + "e" + std::to_string(places)).scaled(1, 0, 1) == value);
  }));
}

}  // namespace
}  // namespace orrery
