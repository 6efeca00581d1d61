// Units as people read them: three significant digits and the prefix that suits the size.
#include "sim/base/units.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <string_view>

namespace orrery {
namespace {

// A value rounded to three significant decimal digits: ddd × 10^(exponent − 2), 100 ≤ ddd ≤ 999.
struct ThreeDigits {
  std::array<char, 3> digits{};
  int exponent = 0;
};

ThreeDigits three_digits(double magnitude) {
  const std::string text = fmt::format("{:.2e}", magnitude);  // "d.dde±xx"
  ThreeDigits result{{text[0], text[2], text[3]}, 0};
  const std::size_t sign = text[5] == '+' ? 6 : 5;
  std::from_chars(text.data() + sign, text.data() + text.size(), result.exponent);
  return result;
}

// ddd with `whole` (1 to 3) digits before the point.
std::string with_point(const ThreeDigits& value, int whole) {
  std::string text;
  for (int i = 0; i < 3; ++i) {
    if (i == whole) text += '.';
    text += value.digits[static_cast<std::size_t>(i)];
  }
  return text;
}

constexpr std::array<std::string_view, 21> kPrefixNames = {"q", "r", "y", "z", "a", "f", "p", "n", "u", "m", "",
                                                           "k", "M", "G", "T", "P", "E", "Z", "Y", "R", "Q"};
constexpr int kNoPrefix = 10;

// A magnitude > 0 times 10^(3·steps) of the unit, with the SI prefix that leaves 1 to 3 digits before the point.
struct Prefixed {
  std::string number;
  std::string_view prefix;
};
Prefixed with_prefix(double magnitude, int steps) {
  const ThreeDigits value = three_digits(magnitude);
  const int exponent = value.exponent + 3 * steps;
  const int step = exponent >= 0 ? exponent / 3 : -((2 - exponent) / 3);
  const int index = kNoPrefix + step;
  if (index < 0 || index >= static_cast<int>(kPrefixNames.size()))
    return {fmt::format("{}e{}", with_point(value, 1), exponent), ""};
  return {with_point(value, exponent - 3 * step + 1), kPrefixNames[static_cast<std::size_t>(index)]};
}

// Signs, zero and what is not a number, around a magnitude > 0.
template <class Format>
std::string signed_text(double value, std::string_view zero, const Format& format) {
  if (std::isnan(value)) return "nan";
  if (value == 0) return std::string(zero);
  const std::string sign = value < 0 ? "-" : "";
  return std::isinf(value) ? sign + "inf" : sign + format(std::fabs(value));
}

// `grains`: thousandfold steps from the unit down to what `value` counts (picoseconds: 4).
std::string si_text(double value, std::string_view unit, int grains = 0) {
  return signed_text(value, fmt::format("0 {}", unit), [&](double magnitude) {
    const Prefixed shown = with_prefix(magnitude, -grains);
    return fmt::format("{} {}{}", shown.number, shown.prefix, unit);
  });
}

struct Scale {
  double size;  // in the unit that the value counts
  std::string_view unit;
};

// In the largest scale that leaves at least 1, or 0.977 where four digits would be needed below it. `scales` ascend.
std::string scaled_text(double magnitude, std::span<const Scale> scales) {
  for (std::size_t i = 0; i < scales.size(); ++i) {
    const bool last = i + 1 == scales.size();
    const double value = magnitude / scales[i].size;
    const bool here = last || (value < 999.5 && magnitude < scales[i + 1].size);
    if (!here) continue;
    if (value >= 999.5) return fmt::format("{:.3g} {}", value, scales[i].unit);
    const ThreeDigits digits = three_digits(value);
    if (digits.exponent < 0) return fmt::format("{:.3f} {}", value, scales[i].unit);
    return fmt::format("{} {}", with_point(digits, digits.exponent + 1), scales[i].unit);
  }
  return {};
}

}  // namespace

Duration Duration::seconds(double s) {
  assert(!std::isnan(s));
  constexpr double kEnd = 9223372036854775808.0;  // 2^63
  const double ps = std::round(s * 1e12);
  if (ps >= kEnd) return Duration::max();
  if (ps <= -kEnd) return Duration(std::numeric_limits<std::int64_t>::min());
  return Duration(static_cast<std::int64_t>(ps));
}

std::string to_text(Duration duration) {
  static constexpr std::array<Scale, 3> kLong = {{{60e12, "min"}, {3600e12, "h"}, {86400e12, "days"}}};
  const double ps = static_cast<double>(duration.ps());
  if (std::fabs(ps) >= 60e12) return signed_text(ps, "", [](double size) { return scaled_text(size, kLong); });
  if (std::fabs(ps) < 1000) return fmt::format("{} {}", duration.ps(), duration.ps() == 0 ? "s" : "ps");
  return si_text(ps, "s", 4);
}

std::string to_text(Bytes bytes) {
  static constexpr std::array<Scale, 6> kBinary = {{{1024.0, "KiB"},
                                                    {1048576.0, "MiB"},
                                                    {1073741824.0, "GiB"},
                                                    {1099511627776.0, "TiB"},
                                                    {1125899906842624.0, "PiB"},
                                                    {1152921504606846976.0, "EiB"}}};
  if (std::fabs(bytes.as_double()) < 1024) return fmt::format("{} B", bytes.count());
  return signed_text(bytes.as_double(), "", [](double count) { return scaled_text(count, kBinary); });
}

std::string to_text(Bandwidth bandwidth) {
  if (std::fabs(bandwidth.as_double()) < 1000) return fmt::format("{} B/s", bandwidth.bytes_per_second());
  return si_text(bandwidth.as_double(), "B/s");
}

std::string to_text(FlopCount work) { return si_text(work.count(), "FLOP"); }
std::string to_text(FlopRate rate) { return si_text(rate.flops_per_second(), "FLOP/s"); }
std::string to_text(Watts power) { return si_text(power.value(), "W"); }
std::string to_text(Joules energy) { return si_text(energy.value(), "J"); }

std::string to_text(Dollars cost) {
  return signed_text(cost.value(), "$0", [](double dollars) {
    if (dollars < 1) return fmt::format("${:.2g}", dollars);
    const Prefixed shown = with_prefix(dollars, 0);
    const std::string_view gap = shown.prefix.empty() ? "" : " ";
    const std::string_view prefix = shown.prefix == "G" ? "B" : shown.prefix;  // dollars are counted in billions
    return fmt::format("${}{}{}", shown.number, gap, prefix);
  });
}

}  // namespace orrery
