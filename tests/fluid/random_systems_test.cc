// Random systems: the rates carry a certificate of max-min fairness, and history leaves no trace in them.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "tests/fluid/certificate.h"

using certificate::Asked;
using orrery::ActivityId;
using orrery::MaxMin;
using orrery::ResourceId;
using orrery::Use;

namespace {

double pick(std::initializer_list<double> values) { return *rc::gen::elementOf(std::vector<double>(values)); }

double random_capacity() {
  const double whole = pick({1, 2, 3, 7, 10, 64, 100, 450});
  return *rc::gen::inRange(0, 12) == 0 ? 0 : whole * (*rc::gen::inRange(1, 5));
}

Asked random_activity(std::size_t resources) {
  Asked asked;
  const int count = *rc::gen::inRange(1, 5);
  for (int k = 0; k < count; ++k) {
    const auto resource = *rc::gen::inRange<std::size_t>(0, resources);
    asked.uses.push_back({ResourceId(resource), pick({0.125, 0.3, 1, 1, 1, 2, 5})});
  }
  asked.weight = pick({0.25, 1, 1, 1, 3, 8});
  return asked;
}

// Along a line of links: most resources have the users of the one before.
Asked random_stretch(std::size_t resources) {
  Asked asked;
  const std::size_t loose = std::min<std::size_t>(2, resources);  // at either end
  const auto first = *rc::gen::inRange<std::size_t>(0, loose);
  const auto last = *rc::gen::inRange<std::size_t>(std::max(first + 1, resources - loose), resources + 1);
  for (std::size_t r = first; r < last; ++r) asked.uses.push_back({ResourceId(r), 1});
  asked.weight = pick({1, 1, 3});
  return asked;
}

double random_bandwidth() { return pick({0, 10, 10, 10, 10, 20}); }

// Certified fair at every solve, and the same as from scratch.
void play_history(Asked (*draw_activity)(std::size_t), double (*draw_capacity)()) {
  const auto resources = *rc::gen::inRange<std::size_t>(1, 12);
  std::vector<double> capacities;
  for (std::size_t r = 0; r < resources; ++r) capacities.push_back(draw_capacity());
  MaxMin system(capacities);
  certificate::Present present;
  std::map<ActivityId, double> known;  // rates as the caller has them from changed lists alone
  const int events = *rc::gen::inRange(1, 40);
  for (int e = 0; e < events; ++e) {
    const int kind = *rc::gen::inRange(0, 10);
    if (kind < 5 || present.empty()) {
      Asked asked = draw_activity(resources);
      const ActivityId id = system.add(asked.uses, asked.weight);
      RC_ASSERT(present.emplace(id, asked).second);
      known.erase(id);
    } else if (kind < 8) {
      auto victim = present.begin();
      std::advance(victim, *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(present)));
      system.remove(victim->first);
      present.erase(victim);
    } else {
      const auto r = *rc::gen::inRange<std::size_t>(0, resources);
      capacities[r] = draw_capacity();
      system.set_capacity(ResourceId(r), capacities[r]);
    }
    if (*rc::gen::inRange(0, 3) == 0) continue;  // several changes, one solve
    for (const ActivityId id : system.solve()) known[id] = system.rate(id);
    RC_ASSERT(certificate::is_fair(system, capacities, present));
    for (const auto& [id, asked] : present) RC_ASSERT(known.at(id) == system.rate(id));
  }
  (void)system.solve();
  RC_ASSERT(system.activity_count() == present.size());

  // From scratch, in the opposite order.
  MaxMin fresh(capacities);
  std::map<ActivityId, ActivityId> twin;
  for (auto it = present.rbegin(); it != present.rend(); ++it)
    twin[it->first] = fresh.add(it->second.uses, it->second.weight);
  (void)fresh.solve();
  for (const auto& [id, other] : twin) {
    const double expected = fresh.rate(other);
    RC_ASSERT(std::abs(system.rate(id) - expected) <= 1e-9 * expected);
  }
}

}  // namespace

TEST_CASE("random histories: certified fair at every solve, and the same as from scratch") {
  CHECK(rc::check("any uses", [] { play_history(random_activity, random_capacity); }));
  CHECK(rc::check("links in a line", [] { play_history(random_stretch, random_bandwidth); }));
}

TEST_CASE("adding and removing an activity restores every rate") {
  const bool held = rc::check("restores", [] {
    const auto resources = *rc::gen::inRange<std::size_t>(1, 8);
    std::vector<double> capacities;
    for (std::size_t r = 0; r < resources; ++r) capacities.push_back(random_capacity());
    MaxMin system(capacities);
    std::vector<ActivityId> present;
    const int count = *rc::gen::inRange(1, 15);
    for (int k = 0; k < count; ++k) {
      const Asked asked = random_activity(resources);
      present.push_back(system.add(asked.uses, asked.weight));
    }
    (void)system.solve();
    std::vector<double> before;
    for (const ActivityId id : present) before.push_back(system.rate(id));
    const Asked guest = random_activity(resources);
    const ActivityId id = system.add(guest.uses, guest.weight);
    (void)system.solve();
    system.remove(id);
    (void)system.solve();
    for (std::size_t k = 0; k < present.size(); ++k)
      RC_ASSERT(std::abs(system.rate(present[k]) - before[k]) <= 1e-12 * before[k]);
  });
  CHECK(held);
}

TEST_CASE("a long history does not drift: afterwards an emptied system is as new") {
  const std::vector<double> capacities = {3e12, 4.5e11, 2.5e10, 2.5e10, 1};
  MaxMin used(capacities);
  std::uint64_t state = 88172645463325252U;  // xorshift64
  const auto random = [&state](std::uint64_t below) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    return state % below;
  };
  const auto random_uses = [&] {
    std::vector<Use> uses;
    for (std::uint64_t k = 0; k <= random(4); ++k)
      uses.push_back({ResourceId(random(capacities.size())), 1.0 / static_cast<double>(1 + random(1000))});
    return uses;
  };
  std::vector<ActivityId> present;
  for (int e = 0; e < 50'000; ++e) {
    if (present.size() < 20 && (present.empty() || random(2) == 0)) {
      present.push_back(used.add(random_uses(), 1));
    } else {
      const std::size_t victim = random(present.size());
      used.remove(present[victim]);
      present[victim] = present.back();
      present.pop_back();
    }
    (void)used.solve();
  }
  while (!present.empty()) {
    used.remove(present.back());
    present.pop_back();
  }
  (void)used.solve();
  MaxMin fresh(capacities);
  std::vector<ActivityId> twins;
  for (int k = 0; k < 30; ++k) {
    const std::vector<Use> uses = random_uses();
    present.push_back(used.add(uses, 1));
    twins.push_back(fresh.add(uses, 1));
    (void)used.solve();
    (void)fresh.solve();
  }
  for (std::size_t k = 0; k < twins.size(); ++k)
    CHECK(used.rate(present[k]) == doctest::Approx(fresh.rate(twins[k])).epsilon(1e-12));
  for (const ActivityId id : present) used.remove(id);
  (void)used.solve();
  const std::vector<Use> exact = {{ResourceId(std::size_t{2}), 1}};
  const ActivityId alone = used.add(exact, 1);
  (void)used.solve();
  CHECK(used.rate(alone) == capacities[2]);
}
