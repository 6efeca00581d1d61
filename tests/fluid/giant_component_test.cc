// A long history in one giant component, with heavy tails, sprayed flows, caps and failures: certified at every solve.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "tests/fluid/certificate.h"

using certificate::Asked;
using certificate::is_fair;
using certificate::kSlip;
using certificate::Present;
using orrery::ActivityId;
using orrery::MaxMin;
using orrery::ResourceId;
using orrery::Use;

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
  Present present;
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
      REQUIRE(std::abs(system.rate(kept) - fresh.rate(twin)) <= kSlip * fresh.rate(twin));
  }
}
