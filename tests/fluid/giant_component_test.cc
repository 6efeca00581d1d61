// A long history in one giant component, with heavy tails, sprayed flows, caps and failures: certified at every solve.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

#include "sim/fluid/max_min.h"

using orrery::ActivityId;
using orrery::MaxMin;
using orrery::ResourceId;
using orrery::Use;

namespace {

constexpr double kNear = 1e-9;

struct Asked {
  std::vector<Use> uses;
  double weight = 1;
  double most = std::numeric_limits<double>::infinity();
};

// From the definition alone: nothing over capacity; everyone at its cap or at a full resource where nobody has more.
bool is_fair(const MaxMin& system, const std::vector<double>& capacities, const std::map<ActivityId, Asked>& present) {
  std::vector<double> load(capacities.size(), 0);
  std::vector<double> highest(capacities.size(), 0);
  for (const auto& [id, asked] : present) {
    for (const Use& use : asked.uses) {
      load[use.resource.index()] += use.amount * system.rate(id);
      highest[use.resource.index()] = std::max(highest[use.resource.index()], system.rate(id) / asked.weight);
    }
  }
  for (std::size_t r = 0; r < capacities.size(); ++r)
    if (load[r] > capacities[r] * (1 + kNear)) return false;
  return std::all_of(present.begin(), present.end(), [&](const auto& entry) {
    const auto& [id, asked] = entry;
    const double level = system.rate(id) / asked.weight;
    return system.rate(id) >= asked.most * (1 - kNear) ||
           std::any_of(asked.uses.begin(), asked.uses.end(), [&](const Use& use) {
             const std::size_t r = use.resource.index();
             return load[r] >= capacities[r] * (1 - kNear) && level >= highest[r] * (1 - kNear);
           });
  });
}

}  // namespace

TEST_CASE("a long history in one giant component stays fair, and equals the same system made at once") {
  std::uint64_t state = 88172645463325252U;  // xorshift64
  const auto below = [&state](std::uint64_t bound) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    return state % bound;
  };
  // Heavy-tailed: 1, 1/2, 1/3 … of 400.
  const auto capacity = [&] { return below(15) == 0 ? 0 : 400 / static_cast<double>(1 + below(20)); };
  std::vector<double> capacities(80);
  for (double& each : capacities) each = capacity();
  MaxMin system(capacities);
  std::map<ActivityId, Asked> present;
  for (int event = 0; event < 3000; ++event) {
    const std::uint64_t kind = below(20);
    if (kind < 10 && present.size() < 200) {
      Asked asked;
      const bool sprayed = below(4) == 0;  // an equal part over each of eight links
      const std::uint64_t hops = sprayed ? 8 : 1 + below(6);
      for (std::uint64_t hop = 0; hop < hops; ++hop)
        asked.uses.push_back({ResourceId(below(capacities.size())), sprayed ? 0.125 : 1});
      asked.weight = 1 / static_cast<double>(hops);
      if (below(4) == 0) asked.most = static_cast<double>(1 + below(30));
      present.emplace(system.add(asked.uses, asked.weight, asked.most), asked);
    } else if (kind < 18 && !present.empty()) {
      auto victim = present.begin();
      std::advance(victim, static_cast<std::ptrdiff_t>(below(present.size())));
      system.remove(victim->first);
      present.erase(victim);
    } else {
      const std::size_t r = below(capacities.size());
      capacities[r] = capacity();
      system.set_capacity(ResourceId(r), capacities[r]);
    }
    if (below(4) == 0) continue;  // several changes, one solve
    (void)system.solve();
    REQUIRE(is_fair(system, capacities, present));
    if (event % 50 != 0) continue;
    MaxMin fresh(capacities);
    std::vector<std::pair<ActivityId, ActivityId>> twins;
    for (auto it = present.rbegin(); it != present.rend(); ++it)
      twins.emplace_back(it->first, fresh.add(it->second.uses, it->second.weight, it->second.most));
    (void)fresh.solve();
    for (const auto& [kept, twin] : twins)
      REQUIRE(std::abs(system.rate(kept) - fresh.rate(twin)) <= kNear * fresh.rate(twin));
  }
}
