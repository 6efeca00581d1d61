// Uneven all-to-alls: skewed sizes, and every block on its way by every algorithm.
#include "sim/collective/blocks.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "tests/collective/groups.h"

namespace orrery {

namespace {

using Pair = std::pair<std::int32_t, std::int32_t>;
using Loads = std::map<Pair, std::int64_t>;

Loads loads_of(const Step& step) {
  Loads loads;
  for (const Transfer& transfer : step.transfers)
    loads[{transfer.from, transfer.to}] += step.bytes.count() * transfer.pieces;
  return loads;
}

std::int64_t size(const Group& group, std::size_t from, std::size_t to) {
  return group.sizes[from * group.size() + to].count();
}

// By pair: what goes straight from one to the other.
Loads straight(const Group& group) {
  Loads loads;
  for (std::size_t p = 0; p < group.size(); ++p)
    for (std::size_t q = 0; q < group.size(); ++q)
      if (p != q && size(group, p, q) > 0)
        loads[{static_cast<std::int32_t>(p), static_cast<std::int32_t>(q)}] = size(group, p, q);
  return loads;
}

// How many before p stand in its node.
std::size_t place(const Group& group, std::size_t p) {
  return static_cast<std::size_t>(
      std::count(group.node.begin(), group.node.begin() + static_cast<std::ptrdiff_t>(p), group.node[p]));
}

std::size_t on_rail(const Group& group, std::uint32_t node, std::size_t rail) {
  const auto members = static_cast<std::size_t>(std::count(group.node.begin(), group.node.end(), node));
  for (std::size_t p = 0; p < group.size(); ++p)
    if (group.node[p] == node && place(group, p) == rail % members) return p;
  return group.size();
}

}  // namespace

TEST_CASE("sizes by Zipf's law: each row sends all, the k-th most popular in proportion to k^-s") {
  const std::vector<Bytes> sizes = zipf_sizes(8, Bytes(1'000'000), 1.0, 42);
  REQUIRE(sizes.size() == 64);
  std::vector<std::int64_t> row;
  for (std::size_t q = 0; q < 8; ++q) row.push_back(sizes[q].count());
  for (std::size_t p = 0; p < 8; ++p) {
    std::int64_t sum = 0;
    for (std::size_t q = 0; q < 8; ++q) {
      CHECK(sizes[p * 8 + q].count() == row[q]);
      sum += row[q];
    }
    CHECK(sum == 1'000'000);
  }
  std::sort(row.rbegin(), row.rend());
  const double first = 1'000'000 / (1.0 + 1 / 2.0 + 1 / 3.0 + 1 / 4.0 + 1 / 5.0 + 1 / 6.0 + 1 / 7.0 + 1 / 8.0);
  for (std::size_t k = 0; k < 8; ++k)
    CHECK(static_cast<double>(row[k]) == doctest::Approx(first / static_cast<double>(k + 1)).epsilon(1e-4));
  CHECK(zipf_sizes(8, Bytes(1'000'000), 1.0, 42) == sizes);
  CHECK(zipf_sizes(8, Bytes(1'000'000), 1.0, 43) != sizes);
  for (const Bytes even : zipf_sizes(8, Bytes(800), 0, 7)) CHECK(even == Bytes(100));
}

TEST_CASE("blocks beyond 1 GiB are counted in larger units") {
  Group group = block_group(1, 3);
  // Everyone sends 3.5 of 4 GiB to the second.
  constexpr std::int64_t kGiB = std::int64_t{1} << 30;
  for (int k = 0; k < 3; ++k)
    group.sizes.insert(group.sizes.end(), {Bytes(kGiB / 4), Bytes(kGiB / 2 * 7), Bytes(kGiB / 4)});
  const ExchangeBlocks blocks(group, Bytes(0));
  CHECK(blocks.unit() == Bytes(7));  // two members send 3.5 GiB each to the hot one
  CHECK(blocks.units(0, 1) == 1 << 29);
  CHECK(ExchangeBlocks(block_group(1, 3), Bytes(10)).unit() == Bytes(4));
}

TEST_CASE("direct and pairwise bring every block of any size, pxn over the destination's rail") {
  CHECK(rc::check("blocks arrive", [] {
    const auto n = *rc::gen::inRange<std::size_t>(2, 14);
    Group group;
    for (std::size_t p = 0; p < n; ++p) group.node.push_back(*rc::gen::inRange<std::uint32_t>(0, 4));
    for (std::size_t k = 0; k < n * n; ++k) group.sizes.emplace_back(*rc::gen::inRange<std::int64_t>(0, 5));
    const Schedule direct = write("direct", CollectiveKind::kAllToAllV, group, 0);
    RC_ASSERT(direct.steps.size() == 1U);
    RC_ASSERT(loads_of(direct.steps[0]) == straight(group));

    Loads rounds;
    for (const Step& step : write("pairwise", CollectiveKind::kAllToAllV, group, 0).steps) {
      std::set<std::int32_t> senders;
      for (const Transfer& transfer : step.transfers) RC_ASSERT(senders.insert(transfer.from).second);
      for (const auto& [pair, bytes] : loads_of(step)) rounds[pair] += bytes;
    }
    RC_ASSERT(rounds == straight(group));

    Loads inside;
    Loads between;
    for (const auto& [pair, bytes] : straight(group)) {
      const auto [from, to] = pair;
      const auto relay = static_cast<std::int32_t>(
          on_rail(group, group.node[static_cast<std::size_t>(from)], place(group, static_cast<std::size_t>(to))));
      if (relay != from) inside[{from, relay}] += bytes;
      if (relay != to) between[{relay, to}] += bytes;
    }
    std::vector<Loads> expected;
    for (const Loads& loads : {inside, between})
      if (!loads.empty()) expected.push_back(loads);
    std::vector<Loads> sent;
    for (const Step& step : write("pxn", CollectiveKind::kAllToAllV, group, 0).steps) sent.push_back(loads_of(step));
    RC_ASSERT(sent == expected);
  }));
}

}  // namespace orrery
