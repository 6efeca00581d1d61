// Rows of shares; popularity shuffled by an integer hash of our own, so that it is the same everywhere.
#include "sim/collective/blocks.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

#include "sim/base/scrambled.h"

namespace orrery {

namespace {

Bytes largest_load(const Group& group) {
  const std::size_t n = group.size();
  assert(group.sizes.size() == n * n);
  Bytes largest;
  std::vector<Bytes> received(n);
  for (std::size_t p = 0; p < n; ++p) {
    Bytes sent;
    for (std::size_t q = 0; q < n; ++q) {
      if (p == q) continue;
      sent += group.sizes[p * n + q];
      received[q] += group.sizes[p * n + q];
    }
    largest = std::max(largest, sent);
  }
  return std::max(largest, *std::max_element(received.begin(), received.end()));
}

// Everyone's row, by share of each receiver.
std::vector<Bytes> equal_rows(const std::vector<double>& shares, Bytes bytes) {
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  std::vector<Bytes> row;
  Bytes rest = bytes;
  for (const double share : shares) {
    row.emplace_back(std::min(rest.count(), static_cast<std::int64_t>(bytes.as_double() * share / sum)));
    rest = rest - row.back();
  }
  row[static_cast<std::size_t>(std::max_element(shares.begin(), shares.end()) - shares.begin())] += rest;
  std::vector<Bytes> sizes;
  sizes.reserve(shares.size() * shares.size());
  for (std::size_t p = 0; p < shares.size(); ++p) sizes.insert(sizes.end(), row.begin(), row.end());
  return sizes;
}

}  // namespace

ExchangeBlocks::ExchangeBlocks(const Group& group, Bytes bytes) : group_(group) {
  unit_ = group.sizes.empty()
              ? Bytes(divide(bytes.count(), static_cast<std::int64_t>(group.size()), Rounding::kUp))
              : Bytes(std::max<std::int64_t>(1, divide(largest_load(group).count(), 1 << 30, Rounding::kUp)));
}

std::int32_t ExchangeBlocks::units(std::size_t from, std::size_t to) const {
  if (group_.sizes.empty()) return 1;
  const Bytes size = group_.sizes[from * group_.size() + to];
  return static_cast<std::int32_t>(divide(size.count(), unit_.count(), Rounding::kUp));
}

std::vector<double> zipf_shares(std::size_t count, double exponent, std::uint64_t seed) {
  std::vector<std::size_t> popular(count);
  std::iota(popular.begin(), popular.end(), 0);
  for (std::size_t k = count; k > 1; --k) {
    seed = scrambled(seed + k);
    std::swap(popular[k - 1], popular[seed % k]);
  }
  std::vector<double> shares(count);
  for (std::size_t k = 0; k < count; ++k) shares[popular[k]] = std::pow(static_cast<double>(k + 1), -exponent);
  return shares;
}

std::vector<Bytes> zipf_sizes(std::size_t members, Bytes bytes, double exponent, std::uint64_t seed) {
  return equal_rows(zipf_shares(members, exponent, seed), bytes);
}

}  // namespace orrery
