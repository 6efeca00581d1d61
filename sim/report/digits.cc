// Commas between thousands, and as many decimals as leave four digits.
#include "sim/report/digits.h"

#include <fmt/format.h>

namespace orrery {
namespace {

std::string with_commas(std::string whole) {
  for (std::size_t at = whole.size(); at > 3; at -= 3)
    if (whole[at - 4] != '-') whole.insert(at - 3, 1, ',');
  return whole;
}

}  // namespace

std::string digits(double value) {
  const double size = value < 0 ? -value : value;
  int decimals = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3;
  if (size > 0)
    for (double least = 1; size < least && decimals < 9; least /= 10) ++decimals;
  std::string text = fmt::format("{:.{}f}", value, decimals);
  return decimals == 0 ? with_commas(std::move(text)) : text;
}

std::string grouped(std::int64_t value) { return with_commas(fmt::format("{}", value)); }

}  // namespace orrery
