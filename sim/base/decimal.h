// Decimal numbers as they were written: exact until a unit says what they count.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sim/base/units.h"

namespace orrery {

// (−1)^negative × digits × 10^exponent; digits < 10^kMostDigits.
struct Decimal {
  static constexpr int kMostDigits = 19;
  bool negative = false;
  std::uint64_t digits = 0;
  int exponent = 0;

  // × times × 10^tens ÷ divisor, to the nearest whole number, ties away from 0; saturates at ± 2^126.
  // times ≤ 2^60, divisor ≤ 8.
  [[nodiscard]] Int128 scaled(std::uint64_t times, int tens, int divisor) const;
  // × times × 10^tens, to the nearest double: rounded once, from the exact product. Infinite beyond the largest.
  [[nodiscard]] double scaled_double(std::uint64_t times, int tens) const;
};

// How many characters a number takes at the beginning of `text`: -?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)?, or 0.
// Never part of a longer one: no digit, '.', '_' or ',' follows.
[[nodiscard]] std::size_t number_length(std::string_view text);

// `number` is as number_length() measures it. Empty when it has more than kMostDigits significant digits.
[[nodiscard]] std::optional<Decimal> read_decimal(std::string_view number);

}  // namespace orrery
