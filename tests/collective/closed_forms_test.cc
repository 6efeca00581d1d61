// Each algorithm alone on an idle machine takes the time of its formula, to the picosecond, in both granularities.
//
// Links of 25 GB/s take 40 ps a byte, those of 250 GB/s 4 ps; all sizes divide, so that nothing is rounded. L: launch,
// α: a message's latency and step cost.
#include <doctest/doctest.h>

#include <string_view>
#include <vector>

#include "tests/collective/clock.h"
#include "tests/collective/groups.h"

namespace orrery {

namespace {

using enum CollectiveKind;

constexpr std::int64_t kL = 5'000'000;
constexpr std::int64_t kStepCost = 300'000;
constexpr std::int64_t kAlpha = 2 * 700 + kStepCost;  // over the switch
constexpr std::int64_t kByte = 40;                    // ps

CommunicationCosts library() { return library_of(kL, kStepCost); }

Clock on_switch(std::size_t n) { return Clock(machines::single_switch(n, {25'000'000'000, 700}), library()); }

void check(Clock& clock, const Schedule& schedule, std::int64_t expected) {
  CHECK(clock.fluid(schedule) == expected);
  CHECK(clock.stepwise(schedule) == expected);
}

// Stepwise, who takes no part in the first steps doesn't wait for them: in an uneven group its messages overlap with
// theirs. Where they share a link they may delay those on which everything hangs.
void check_uneven(Clock& clock, const Schedule& schedule, std::int64_t expected, double least, double most) {
  CHECK(clock.fluid(schedule) == expected);
  const double ratio = static_cast<double>(clock.stepwise(schedule)) / static_cast<double>(expected);
  CHECK(ratio >= least);
  CHECK(ratio <= most);
}

bool is_power(std::int64_t n) { return (n & (n - 1)) == 0; }

std::int64_t log_up(std::int64_t n) {
  std::int64_t steps = 0;
  for (std::int64_t d = 1; d < n; d *= 2) ++steps;
  return steps;
}

// Neighbours along each dimension joined by a cable, closing round.
Fabric grid(const std::vector<std::int32_t>& dimensions, machines::Wire wire) {
  Fabric fabric = machines::bare(machines::kFastHbm);
  std::size_t size = 1;
  for (const std::int32_t d : dimensions) size *= static_cast<std::size_t>(d);
  for (std::size_t c = 0; c < size; ++c) fabric.add_chip(static_cast<std::uint32_t>(c), "chip" + std::to_string(c));
  std::size_t stride = 1;
  for (const std::int32_t d : dimensions) {
    const auto length = static_cast<std::size_t>(d);
    for (std::size_t c = 0; c < size; ++c) {
      const std::size_t place = c / stride % length;
      if (length == 2 && place == 1) continue;
      const std::size_t next = place + 1 == length ? c - place * stride : c + stride;
      machines::cable(fabric, fabric.engine(ChipId(c)), fabric.engine(ChipId(next)), wire);
    }
    stride *= length;
  }
  return fabric;
}

}  // namespace

TEST_CASE("doubling and halving: log n steps for powers of two, two whole messages more for others") {
  for (const std::int64_t n : {2, 3, 4, 6, 8, 11, 16}) {
    CAPTURE(n);
    Clock clock = on_switch(static_cast<std::size_t>(n));
    const Group group = block_group(1, static_cast<std::size_t>(n));
    const std::int64_t bytes = 16 * n * 1000;
    const bool power = is_power(n);
    const double most = power ? 1 : 1.5;
    const std::int64_t k = power ? log_up(n) : log_up(n) - 1;
    const std::int64_t core = std::int64_t{1} << k;
    const std::int64_t whole = kAlpha + bytes * kByte;  // a message of all
    const std::int64_t halves = k * kAlpha + (core - 1) * (bytes / core) * kByte;
    const std::int64_t outside = power ? 0 : whole;
    check_uneven(clock, write("recursive_doubling", kAllReduce, group, bytes), kL + k * whole + 2 * outside, 1, most);
    check(clock, write("recursive_doubling", kBarrier, group, bytes), kL + (k + (power ? 0 : 2)) * kAlpha);
    if (bytes % core != 0) continue;
    check_uneven(clock, write("halving_doubling", kAllReduce, group, bytes), kL + 2 * halves + 2 * outside, 1, most);
    check_uneven(clock, write("halving_doubling", kReduce, group, bytes), kL + 2 * halves + 2 * outside, 1, most);
    if (power) check(clock, write("halving_doubling", kBroadcast, group, bytes), kL + 2 * halves);
    if (!power) continue;
    check(clock, write("recursive_doubling", kAllGather, group, bytes), kL + halves);
    check(clock, write("halving_doubling", kAllGather, group, bytes), kL + halves);
    check(clock, write("halving_doubling", kReduceScatter, group, bytes), kL + halves);
  }
}

TEST_CASE("to and from a root: all at once, or up and down the binomial tree") {
  for (const std::int64_t n : {2, 3, 7, 8, 13}) {
    CAPTURE(n);
    Clock clock = on_switch(static_cast<std::size_t>(n));
    const Group group = block_group(1, static_cast<std::size_t>(n));
    const std::int64_t piece = 12'000;
    const std::int64_t bytes = n * piece;
    const std::int64_t k = log_up(n);
    for (const CollectiveKind kind : {kGather, kScatter}) {
      check(clock, write("direct", kind, group, bytes), kL + kAlpha + (n - 1) * piece * kByte);
      CHECK(clock.fluid(write("binomial", kind, group, bytes)) == kL + k * kAlpha + (n - 1) * piece * kByte);
      CHECK(clock.stepwise(write("binomial", kind, group, bytes)) <= kL + k * kAlpha + (n - 1) * piece * kByte);
    }
    for (const CollectiveKind kind : {kBroadcast, kReduce}) {
      check(clock, write("direct", kind, group, bytes), kL + kAlpha + (n - 1) * bytes * kByte);
      check_uneven(clock, write("binomial", kind, group, bytes), kL + k * (kAlpha + bytes * kByte),
                   is_power(n) ? 1 : 0.8, 1);
    }
    check_uneven(clock, write("binomial", kBarrier, group, bytes), kL + 2 * k * kAlpha, is_power(n) ? 1 : 0.8, 1);
    check(clock, write("dissemination", kBarrier, group, bytes), kL + k * kAlpha);
    check(clock, write("direct", kBarrier, group, bytes), kL + kAlpha);
  }
}

TEST_CASE("a chain reduces as fast as it broadcasts") {
  Clock clock = on_switch(5);
  const std::int64_t chunk = 512 << 10;
  const std::int64_t bytes = 10 * chunk;
  for (const CollectiveKind kind : {kBroadcast, kReduce})
    check(clock, write("ring", kind, block_group(1, 5), bytes), kL + 4 * kAlpha + (10 + 5 - 2) * chunk * kByte);
}

TEST_CASE("rings both ways round a circle take half the time of the bytes") {
  for (const std::int64_t n : {3, 5, 8}) {
    Clock clock(machines::circle(static_cast<std::size_t>(n), {25'000'000'000, 700}), library());
    const Group group = block_group(static_cast<std::size_t>(n), 1);
    const std::int64_t bytes = 2 * n * 1000;
    const std::int64_t hop = 700 + kStepCost + 1000 * kByte;
    check(clock, write("bidirectional_ring", kAllReduce, group, bytes), kL + 2 * (n - 1) * hop);
    check(clock, write("bidirectional_ring", kAllGather, group, bytes), kL + (n - 1) * hop);
    check(clock, write("bidirectional_ring", kBroadcast, group, bytes),
          kL + (n - 1) * (700 + kStepCost + bytes / 2 * kByte));
    CHECK(write("torus", kAllReduce, group, bytes).steps.size() == 2);
    check(clock, write("torus", kAllReduce, group, bytes), kL + 2 * (n - 1) * hop);
  }
}

TEST_CASE("pairwise: n - 1 rounds of one block each") {
  for (const std::int64_t n : {2, 3, 8, 9}) {
    Clock clock = on_switch(static_cast<std::size_t>(n));
    for (const CollectiveKind kind : {kAllToAll, kAllToAllV})
      check(clock, write("pairwise", kind, block_group(1, static_cast<std::size_t>(n)), n * 1000),
            kL + (n - 1) * (kAlpha + 1000 * kByte));
  }
}

TEST_CASE("a full binary tree: a member inside sends every chunk twice") {
  const std::int64_t chunk = 512 << 10;
  for (const std::int64_t chunks : {1, 4, 20}) {
    for (const std::int64_t height : {1, 2, 3}) {
      CAPTURE(chunks);
      CAPTURE(height);
      const std::size_t n = (std::size_t{2} << static_cast<unsigned>(height)) - 1;
      Clock clock = on_switch(n);
      for (const CollectiveKind kind : {kBroadcast, kReduce})
        check(clock, write("tree", kind, block_group(1, n), chunks * chunk),
              kL + height * kAlpha + (chunks + height - 1) * 2 * chunk * kByte);
      check(clock, write("tree", kBarrier, block_group(1, n), 0), kL + 2 * height * kAlpha);
    }
  }
}

TEST_CASE("a full binary tree's all-reduce: up and down at once") {
  // Seven members. Into a member below the root: 2 a repeat from its leaves in repeats 0 … c − 1 and 1 from the root in
  // 2 … c + 1; out of it: 1 up in 1 … c, 2 down in 3 … c + 2. The busiest way: 2, 2, c − 1 times 3, 2, 2.
  const std::int64_t chunk = 512 << 10;
  Clock clock = on_switch(7);
  for (const std::int64_t c : {4, 10, 100}) {
    const Schedule schedule = write("tree", kAllReduce, block_group(1, 7), c * chunk);
    // Latency: of the first chunk's 4 hops, for up and down are channels of their own.
    const std::int64_t lockstep = kL + 4 * kAlpha + (3 * (c - 1) + 8) * chunk * kByte;
    CHECK(clock.fluid(schedule) == lockstep);
    // Stepwise a member whose messages are through goes on: no slower, and not much faster.
    const std::int64_t stepwise = clock.stepwise(schedule);
    CHECK(stepwise <= lockstep);
    CHECK(static_cast<double>(stepwise) > 0.9 * static_cast<double>(lockstep));
  }
}

TEST_CASE("two trees reach the bandwidth of a ring at a logarithm of its latency") {
  for (const std::size_t n : {4U, 7U, 16U, 33U}) {
    CAPTURE(n);
    Clock clock = on_switch(n);
    const Group group = block_group(1, n);
    const std::int64_t large = std::int64_t{1} << 30;
    const auto seconds_of = [&](CollectiveKind kind) {
      return static_cast<double>(clock.fluid(write("double_binary_tree", kind, group, large)));
    };
    CHECK(seconds_of(kAllReduce) == doctest::Approx(2.0 * static_cast<double>(large) * kByte).epsilon(0.04));
    CHECK(seconds_of(kBroadcast) == doctest::Approx(static_cast<double>(large) * kByte).epsilon(0.04));
    CHECK(seconds_of(kReduce) == doctest::Approx(static_cast<double>(large) * kByte).epsilon(0.04));
    const auto count = static_cast<std::int64_t>(n);
    const std::int64_t nothing = clock.fluid(write("double_binary_tree", kAllReduce, group, 0)) - kL;
    CHECK(nothing <= 2 * log_up(count) * kAlpha);
  }
}

TEST_CASE("levels: rings within nodes and rings along rails") {
  for (const auto& [m, g] : std::vector<std::pair<std::int64_t, std::int64_t>>{{2, 2}, {4, 4}, {3, 5}, {2, 8}}) {
    CAPTURE(m);
    CAPTURE(g);
    Clock clock(machines::rails(static_cast<std::size_t>(m), static_cast<std::size_t>(g), {250'000'000'000, 200},
                                {25'000'000'000, 900}),
                library());
    const Group group = block_group(static_cast<std::size_t>(m), static_cast<std::size_t>(g));
    const std::int64_t bytes = 64 * m * g * 1000;
    const std::int64_t inside = 2 * 200 + kStepCost;
    const std::int64_t between = 2 * 200 + 2 * 900 + kStepCost;
    const std::int64_t node_half = (g - 1) * (inside + bytes / g * 4);
    const std::int64_t rail_half = (m - 1) * (between + bytes / (g * m) * 40);
    check(clock, write("hierarchical", kAllReduce, group, bytes), kL + 2 * node_half + 2 * rail_half);
    check(clock, write("hierarchical", kReduceScatter, group, bytes), kL + node_half + rail_half);
    check(clock, write("hierarchical", kAllGather, group, bytes), kL + node_half + rail_half);
    // All-to-all by rails: one hop over NVLink, one message a node.
    const std::int64_t block = bytes / (m * g);
    for (const CollectiveKind kind : {kAllToAll, kAllToAllV})
      check(clock, write("pxn", kind, group, bytes),
            kL + inside + (g - 1) * m * block * 4 + between + (m - 1) * g * block * 40);
    if ((m & (m - 1)) != 0) continue;
    const std::int64_t node_direct = inside + (g - 1) * (bytes / g) * 4;
    const std::int64_t rail_halves = log_up(m) * between + (m - 1) * (bytes / (g * m)) * 40;
    check(clock, write("hierarchical_direct", kAllReduce, group, bytes), kL + 2 * node_direct + 2 * rail_halves);
  }
}

TEST_CASE("a torus uses all its links: 2D shares, a ring's stage in each dimension") {
  const std::int64_t alpha = 700 + kStepCost;
  for (const auto& [d, dimensions] : std::vector<std::pair<std::int64_t, std::vector<std::int32_t>>>{
           {4, {4, 4}}, {3, {3, 3}}, {3, {3, 3, 3}}, {4, {4, 4, 4}}}) {
    const auto D = static_cast<std::int64_t>(dimensions.size());
    std::int64_t n = 1;
    for (std::int64_t k = 0; k < D; ++k) n *= d;
    Clock clock(grid(dimensions, {25'000'000'000, 700}), library());
    const std::int64_t bytes = 2 * D * n * 100;
    const std::int64_t half = D * (d - 1) * alpha + (n - 1) * 100 * kByte;
    const Group group = grid_group(dimensions);
    check(clock, write("torus", kAllReduce, group, bytes), kL + 2 * half);
    check(clock, write("torus", kReduceScatter, group, bytes), kL + half);
    check(clock, write("torus", kAllGather, group, bytes), kL + half);
  }
}

TEST_CASE("each sends the least bytes there are, or as many as the algorithm is known for") {
  const std::int64_t bytes = 3 * 16 * 64 * 1000;
  for (const char* least : {"ring", "bidirectional_ring", "direct", "bruck", "halving_doubling", "hierarchical",
                            "hierarchical_direct", "torus"}) {
    CAPTURE(least);
    Group group = block_group(4, 4);
    group.dimensions = {4, 4};
    for (const std::int64_t sent : bytes_sent(write(least, kAllReduce, group, bytes), 16))
      CHECK(sent == 2 * 15 * bytes / 16);
  }
  for (const char* least : {"direct", "pairwise"})
    for (const std::int64_t sent : bytes_sent(write(least, kAllToAll, block_group(4, 4), bytes), 16))
      CHECK(sent == 15 * bytes / 16);
  for (const std::int64_t sent : bytes_sent(write("recursive_doubling", kAllReduce, block_group(4, 4), bytes), 16))
    CHECK(sent == 4 * bytes);
  // 3 of 4 parts over NVLink, 3 of 4 over the rail.
  for (const std::int64_t sent : bytes_sent(write("pxn", kAllToAll, block_group(4, 4), bytes), 16))
    CHECK(sent == 2 * 3 * bytes / 4);
  for (const char* tree : {"tree", "double_binary_tree", "binomial", "direct", "ring"}) {
    for (const CollectiveKind kind : {kAllReduce, kBroadcast, kReduce}) {
      if (!CollectiveAlgorithms::find(tree)->supports(kind)) continue;
      std::int64_t sum = 0;
      for (const std::int64_t sent : bytes_sent(write(tree, kind, block_group(4, 4), 1 << 26), 16)) sum += sent;
      CHECK(sum == (kind == kAllReduce ? 2 : 1) * 15 * (std::int64_t{1} << 26));
    }
  }
}

}  // namespace orrery
