// The quotient amount ÷ rate in whole picoseconds: doubles where they decide, 128-bit integers where they don't.
#include "sim/network/finish.h"

#include <cassert>
#include <cmath>

namespace orrery {

namespace {

__extension__ typedef unsigned __int128 Wide;  // "extension": -Wpedantic knows no 128-bit integers

// A double is mantissa · 2^exponent with a mantissa below 2⁵³.
struct Parts {
  std::int64_t mantissa;
  int exponent;
};

Parts parts_of(double value) {
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);  // in [½, 1)
  return {static_cast<std::int64_t>(std::ldexp(fraction, 53)), exponent - 53};
}

}  // namespace

// ⌈(amount·10¹⁵/rate − 1) / 1000⌉ = ⌈(amount·10¹⁵ − rate) / (1000·rate)⌉ in integers.
Duration exact_time_to_finish(double amount, double rate) {
  assert(amount >= 0 && rate >= 0);
  if (amount == 0) return Duration();
  if (rate == 0) return Duration::max();
  const Parts a = parts_of(amount);
  const Parts b = parts_of(rate);
  constexpr std::int64_t kMilliPicosecondsPerSecond = 1'000'000'000'000'000;    // < 2⁵⁰
  Wide numerator = static_cast<Wide>(a.mantissa) * kMilliPicosecondsPerSecond;  // < 2¹⁰³
  Wide denominator = static_cast<Wide>(b.mantissa);                             // < 2⁵³
  const int shift = a.exponent - b.exponent;
  // Beyond 2²⁴ the time is over ½·2²⁵·10¹² ps > 2⁶³ ps; below 2⁻⁶² it is under 2·2⁻⁶³·10¹² ps < 10⁻³ ps.
  if (shift > 24) return Duration::max();
  if (shift < -62) return Duration();
  if (shift >= 0) {
    numerator <<= static_cast<unsigned>(shift);
  } else {
    denominator <<= static_cast<unsigned>(-shift);
  }
  if (numerator <= denominator) return Duration();
  const Wide per_picosecond = denominator * 1000;  // < 2¹²⁵
  const Wide quotient = (numerator - denominator + per_picosecond - 1) / per_picosecond;
  if (quotient >= static_cast<Wide>(Duration::max().ps())) return Duration::max();
  return Duration::picoseconds(static_cast<std::int64_t>(quotient));
}

}  // namespace orrery
