// Reads decimals digit by digit and scales them in 128 bits.
#include "sim/base/decimal.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>

namespace orrery {
namespace {

constexpr int kMostExponent = 100'000;  // beyond any unit's range; keeps sums of exponents small
constexpr Int128 kSaturated = static_cast<Int128>(1) << 126U;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t digits_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_digit(text[end])) ++end;
  return end - at;
}

std::string to_digits(Int128 value) {
  std::string text;
  do {
    text.insert(text.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value > 0);
  return text;
}

}  // namespace

std::size_t number_length(std::string_view text) {
  std::size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
  const std::size_t whole = digits_at(text, at);
  if (whole == 0 || (whole > 1 && text[at] == '0')) return 0;
  at += whole;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = digits_at(text, at + 1);
    if (fraction == 0) return 0;
    at += 1 + fraction;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    const bool has_sign = at + 1 < text.size() && (text[at + 1] == '+' || text[at + 1] == '-');
    const std::size_t first = at + (has_sign ? 2 : 1);
    const std::size_t exponent = digits_at(text, first);
    if (exponent > 0) at = first + exponent;  // else the letter belongs to what follows: 5 EB
  }
  const bool goes_on = at < text.size() && (text[at] == '.' || text[at] == '_' || text[at] == ',');
  return goes_on ? 0 : at;
}

std::optional<Decimal> read_decimal(std::string_view number) {
  Decimal result;
  std::size_t at = 0;
  if (number[0] == '-') {
    result.negative = true;
    at = 1;
  }
  int significant = 0;
  int zeros = 0;  // seen since the last digit that counted
  int after_point = 0;
  bool fraction = false;
  for (; at < number.size() && number[at] != 'e' && number[at] != 'E'; ++at) {
    if (number[at] == '.') {
      fraction = true;
      continue;
    }
    if (fraction && after_point < kMostExponent) ++after_point;
    if (number[at] == '0') {
      if (significant > 0 && zeros < kMostExponent) ++zeros;
      continue;
    }
    if (significant + zeros + 1 > Decimal::kMostDigits) return std::nullopt;
    for (; zeros > 0; --zeros, ++significant) result.digits *= 10;
    result.digits = result.digits * 10 + static_cast<std::uint64_t>(number[at] - '0');
    ++significant;
  }
  if (result.digits == 0) return Decimal{};
  int exponent = 0;
  if (at < number.size()) {
    std::string_view rest = number.substr(at + 1);
    if (rest[0] == '+') rest.remove_prefix(1);
    const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), exponent);
    if (problem != std::errc()) exponent = rest[0] == '-' ? -kMostExponent : kMostExponent;
  }
  exponent = std::clamp(exponent, -kMostExponent, kMostExponent);
  result.exponent = exponent + zeros - after_point;
  return result;
}

Int128 Decimal::scaled(std::uint64_t times, int tens, int divisor) const {
  if (digits == 0) return 0;
  Int128 numerator = static_cast<Int128>(digits) * static_cast<Int128>(times);  // < 2^64 × 2^60
  Int128 denominator = divisor;
  int power = exponent + tens;
  for (; power > 0 && numerator < kSaturated / 10; --power) numerator *= 10;
  if (power > 0) numerator = kSaturated;
  for (; power < 0 && denominator < kSaturated / 10; ++power) denominator *= 10;
  if (power < 0) return 0;  // numerator < 2^124, denominator ≥ 2^126: less than a half
  const Int128 nearest = (numerator + denominator / 2) / denominator;
  return negative ? -nearest : nearest;
}

double Decimal::scaled_double(std::uint64_t times, int tens) const {
  const Int128 product = static_cast<Int128>(digits) * static_cast<Int128>(times);
  const std::string text = fmt::format("{}e{}", to_digits(product), exponent + tens);
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem == std::errc::result_out_of_range)
    value = exponent + tens > 0 ? std::numeric_limits<double>::infinity() : 0.0;
  return negative && value != 0 ? -value : value;
}

}  // namespace orrery
