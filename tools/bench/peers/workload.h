// The work that every simulator gets: the same flows, made from a seed by our own integer hash.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/bench/peers/fat_tree.h"

namespace orrery::peers {

constexpr double kBandwidth = 50e9;           // bytes a second and direction
constexpr std::int64_t kLatency = 1'000'000;  // picoseconds a link

struct Flow {
  std::int64_t start = 0;  // picoseconds
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  double bytes = 0;
};

// Rounds are separated by a barrier: the next one starts when the last flow of this one has ended.
struct Workload {
  std::string name;
  std::uint32_t hosts = 0;
  std::vector<Flow> round;  // in order of start
  std::uint32_t rounds = 1;
  double load = 0;          // of the hosts' links, where flows arrive at random
  double expected_end = 0;  // seconds: what SimGrid 3.32 gave elsewhere; 0 where that hangs on the generator

  [[nodiscard]] std::uint64_t flows() const { return round.size() * rounds; }
};

// 2(N−1) rounds in which everyone sends 1/N to its neighbour.
[[nodiscard]] Workload ring_all_reduce(std::uint32_t hosts, double bytes);
// Everyone sends to one other host, and everyone receives from one.
[[nodiscard]] Workload permutation(std::uint32_t hosts, double bytes);
[[nodiscard]] Workload all_to_all(std::uint32_t hosts, double bytes);
// `count` flows between random hosts; their starts are uniform over the time that gives the hosts' links this load.
[[nodiscard]] Workload random_pairs(std::uint32_t hosts, std::uint32_t count, double load, double bytes);

}  // namespace orrery::peers
