// Lists divisors.
#include "workloads/evenly.h"

#include <fmt/format.h>

#include <vector>

namespace orrery {
namespace {

constexpr std::size_t kMostListed = 12;

}  // namespace

std::string divisors(const std::string& key, std::int64_t number) {
  std::vector<std::int64_t> found;
  for (std::int64_t d = 1; d <= number && found.size() <= kMostListed; ++d)
    if (number % d == 0) found.push_back(d);
  const bool more = found.size() > kMostListed;
  if (more) found.pop_back();
  std::string text = key + " could be ";
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (i > 0) text += i + 1 == found.size() && !more ? " or " : ", ";
    text += std::to_string(found[i]);
  }
  return more ? text + ", …" : text;
}

std::optional<PlanFault> divides(const std::string& key, std::int64_t divisor, std::int64_t number,
                                 const std::string& what) {
  if (number % divisor == 0) return std::nullopt;
  return PlanFault{
      key, fmt::format("{} {} can't be split evenly over {}", number, what, divisor), {divisors(key, number)}};
}

}  // namespace orrery
