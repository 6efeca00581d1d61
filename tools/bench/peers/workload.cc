// The cases of the comparison: collectives, permutations and random arrivals on full-bisection fat trees.
#include "tools/bench/peers/workload.h"

#include <algorithm>
#include <numeric>

#include "sim/base/scrambled.h"

namespace orrery::peers {

namespace {

// The n-th number of a seed.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    const std::uint64_t number = scrambled(state_);
    state_ += 0x9E37'79B9'7F4A'7C15U;  // SplitMix64's step
    return number;
  }
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(((next() >> 32U) * bound) >> 32U); }

 private:
  std::uint64_t state_;
};

}  // namespace

Workload ring_all_reduce(std::uint32_t hosts, double bytes) {
  Workload work;
  work.name = "ring all-reduce";
  work.hosts = hosts;
  work.rounds = 2 * (hosts - 1);
  for (std::uint32_t h = 0; h < hosts; ++h) work.round.push_back({0, h, (h + 1) % hosts, bytes / hosts});
  return work;
}

Workload permutation(std::uint32_t hosts, double bytes) {
  Workload work;
  work.name = "permutation";
  work.hosts = hosts;
  std::vector<std::uint32_t> to(hosts);
  std::iota(to.begin(), to.end(), 0U);
  Dice dice(1);
  // A random cycle (Sattolo): nobody sends to itself.
  for (std::uint32_t k = hosts - 1; k > 0; --k) std::swap(to[k], to[dice.below(k)]);
  for (std::uint32_t h = 0; h < hosts; ++h) work.round.push_back({0, h, to[h], bytes});
  return work;
}

Workload all_to_all(std::uint32_t hosts, double bytes) {
  Workload work;
  work.name = "all-to-all";
  work.hosts = hosts;
  for (std::uint32_t from = 0; from < hosts; ++from)
    for (std::uint32_t to = 0; to < hosts; ++to)
      if (from != to) work.round.push_back({0, from, to, bytes});
  return work;
}

Workload random_pairs(std::uint32_t hosts, std::uint32_t count, double load, double bytes) {
  Workload work;
  work.name = "random pairs";
  work.hosts = hosts;
  work.load = load;
  Dice dice(7);
  const double span = static_cast<double>(count) * bytes / (load * hosts * kBandwidth) * 1e12;
  for (std::uint32_t k = 0; k < count; ++k) {
    const double at = static_cast<double>(dice.next() >> 11U) * 0x1p-53;
    const std::uint32_t from = dice.below(hosts);
    const std::uint32_t to = (from + 1 + dice.below(hosts - 1)) % hosts;
    work.round.push_back({static_cast<std::int64_t>(at * span), from, to, bytes});
  }
  std::stable_sort(work.round.begin(), work.round.end(),
                   [](const Flow& a, const Flow& b) { return a.start < b.start; });
  return work;
}

}  // namespace orrery::peers
