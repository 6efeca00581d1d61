// What each member sends each other one in an all-to-all, even or not: as a matrix, or made from a skew.
#pragma once

#include <vector>

#include "sim/collective/schedule.h"

namespace orrery {

// The blocks of an all-to-all (-v) in units that a Transfer can count: even blocks are one unit each. Uneven ones count
// bytes while no member sends or receives more than 1 GiB; beyond that a unit is just so large that it still counts 2³⁰
// of them, and blocks are rounded up to it.
class ExchangeBlocks {
 public:
  // `group` must outlive this.
  ExchangeBlocks(const Group& group, Bytes bytes);
  [[nodiscard]] Bytes unit() const { return unit_; }
  [[nodiscard]] std::int32_t units(std::size_t from, std::size_t to) const;

 private:
  const Group& group_;
  Bytes unit_;
};

// By Zipf's law: the k-th most popular of `count` has a share in proportion to k^−exponent; 0 is even. Which one is how
// popular follows from the seed alone.
[[nodiscard]] std::vector<double> zipf_shares(std::size_t count, double exponent, std::uint64_t seed);

// Sizes for Group::sizes: every member sends `bytes` in all, as in a mixture of experts whose routers agree which
// experts are popular (zipf_shares). Rounded down to whole bytes, a member's rounding goes to the most popular.
[[nodiscard]] std::vector<Bytes> zipf_sizes(std::size_t members, Bytes bytes, double exponent, std::uint64_t seed);

}  // namespace orrery
