// Small systems whose fair rates are worked out by hand beside them.
#include <doctest/doctest.h>

#include <vector>

#include "sim/fluid/max_min.h"

using orrery::ActivityId;
using orrery::MaxMin;
using orrery::ResourceId;
using orrery::Use;

namespace {

Use use(std::size_t resource, double amount) { return {ResourceId(resource), amount}; }

ActivityId add(MaxMin& system, std::vector<Use> uses, double weight = 1) { return system.add(uses, weight); }

std::vector<ActivityId> solve(MaxMin& system) {
  const auto changed = system.solve();
  return {changed.begin(), changed.end()};
}

}  // namespace

TEST_CASE("an activity alone runs at its roofline") {
  // Per unit: 4 of an engine that does 100 a second, 3 of a memory that does 60: min(100/4, 60/3) = 20.
  MaxMin system({100, 60});
  const ActivityId kernel = add(system, {use(0, 4), use(1, 3)});
  CHECK(system.rate(kernel) == 0);
  CHECK(solve(system) == std::vector<ActivityId>{kernel});
  CHECK(system.rate(kernel) == 20);
  CHECK(system.load(ResourceId(std::size_t{0})) == 80);
  CHECK(system.load(ResourceId(std::size_t{1})) == 60);
}

TEST_CASE("equal flows share a link equally") {
  // 3x = 12.
  MaxMin system({12});
  const ActivityId a = add(system, {use(0, 1)});
  const ActivityId b = add(system, {use(0, 1)});
  const ActivityId c = add(system, {use(0, 1)});
  CHECK(solve(system) == std::vector<ActivityId>{a, b, c});
  CHECK(system.rate(a) == 4);
  CHECK(system.rate(b) == 4);
  CHECK(system.rate(c) == 4);
}

TEST_CASE("a flow over two links takes the narrower share, the rest goes to the others") {
  // Links of 10 and 4; f over both, g on the first, h on the second. Second: f = h = 2. First: g = 10 − 2 = 8.
  MaxMin system({10, 4});
  const ActivityId f = add(system, {use(0, 1), use(1, 1)});
  const ActivityId g = add(system, {use(0, 1)});
  const ActivityId h = add(system, {use(1, 1)});
  (void)solve(system);
  CHECK(system.rate(f) == 2);
  CHECK(system.rate(g) == 8);
  CHECK(system.rate(h) == 2);
}

TEST_CASE("a chain of bottlenecks is filled from the narrowest on") {
  // Links 6, 10, 20. a on 0,1; b on 0; c on 1,2; d on 2.
  // Link 0: a = b = 3. Link 1: c = 10 − 3 = 7. Link 2: d = 20 − 7 = 13.
  MaxMin system({6, 10, 20});
  const ActivityId d = add(system, {use(2, 1)});
  const ActivityId c = add(system, {use(1, 1), use(2, 1)});
  const ActivityId b = add(system, {use(0, 1)});
  const ActivityId a = add(system, {use(0, 1), use(1, 1)});
  (void)solve(system);
  CHECK(system.rate(a) == 3);
  CHECK(system.rate(b) == 3);
  CHECK(system.rate(c) == 7);
  CHECK(system.rate(d) == 13);
}

TEST_CASE("weights divide a bottleneck in their proportion") {
  // x/3 = y/1 and x + y = 8: 6 and 2.
  MaxMin system({8});
  const ActivityId x = add(system, {use(0, 1)}, 3);
  const ActivityId y = add(system, {use(0, 1)}, 1);
  (void)solve(system);
  CHECK(system.rate(x) == 6);
  CHECK(system.rate(y) == 2);
}

TEST_CASE("fairness is in progress, not in what is drawn") {
  // x = y and 2x + y = 12: 4 and 4, drawing 8 and 4.
  MaxMin system({12});
  const ActivityId x = add(system, {use(0, 2)});
  const ActivityId y = add(system, {use(0, 1)});
  (void)solve(system);
  CHECK(system.rate(x) == 4);
  CHECK(system.rate(y) == 4);
  CHECK(system.load(ResourceId(std::size_t{0})) == 12);
}

TEST_CASE("what a capped activity leaves goes to the others") {
  // a can do 1 (private resource 1); b takes the other 9 of 10.
  MaxMin system({10, 1});
  const ActivityId a = add(system, {use(0, 1), use(1, 1)});
  const ActivityId b = add(system, {use(0, 1)});
  (void)solve(system);
  CHECK(system.rate(a) == 1);
  CHECK(system.rate(b) == 9);
}

TEST_CASE("a kernel and a transfer slow each other on the memory that both use") {
  // Kernel: 1 engine-second and 1,000 bytes a unit, alone 1 a second. Transfer: 1 memory byte and 1 link byte a byte,
  // over a link of 600. Memory 1,200: weights 1 and 1,000: level λ: 1000λ + 1000λ = 1200 → λ = 0.6, so 0.6 units and
  // 600 bytes a second, which is the transfer's cap as well.
  MaxMin system({1, 1200, 600});
  const ActivityId kernel = add(system, {use(0, 1), use(1, 1000)}, 1);
  const ActivityId transfer = add(system, {use(1, 1), use(2, 1)}, 1000);
  (void)solve(system);
  CHECK(system.rate(kernel) == doctest::Approx(0.6).epsilon(1e-15));
  CHECK(system.rate(transfer) == doctest::Approx(600).epsilon(1e-15));
}

TEST_CASE("several uses of one resource in a list add up") {
  MaxMin system({12, 100});
  const ActivityId twice = add(system, {use(0, 1), use(1, 1), use(0, 2)});
  (void)solve(system);
  CHECK(system.rate(twice) == 4);
  CHECK(system.load(ResourceId(std::size_t{0})) == 12);
  // 3x + y = 12 with x = y: 3 and 3.
  const ActivityId other = add(system, {use(0, 0.5), use(0, 0.5)});
  (void)solve(system);
  CHECK(system.rate(twice) == 3);
  CHECK(system.rate(other) == 3);
  system.remove(twice);
  (void)solve(system);
  CHECK(system.rate(other) == 12);
  system.remove(other);
  CHECK(system.load(ResourceId(std::size_t{0})) == 0);
}

TEST_CASE("what uses a resource without capacity stands still and is in nobody's way") {
  MaxMin system({0, 10});
  const ActivityId stuck = add(system, {use(0, 1), use(1, 1)});
  const ActivityId free = add(system, {use(1, 1)});
  CHECK(solve(system).size() == 2);
  CHECK(system.rate(stuck) == 0);
  CHECK(system.rate(free) == 10);
  // It recovers: both on resource 1, 5 and 5; narrower than that, 2 and 8.
  system.set_capacity(ResourceId(std::size_t{0}), 100);
  CHECK(solve(system).size() == 2);
  CHECK(system.rate(stuck) == 5);
  CHECK(system.rate(free) == 5);
  system.set_capacity(ResourceId(std::size_t{0}), 2);
  (void)solve(system);
  CHECK(system.rate(stuck) == 2);
  CHECK(system.rate(free) == 8);
  system.set_capacity(ResourceId(std::size_t{0}), 0);
  (void)solve(system);
  CHECK(system.rate(stuck) == 0);
  CHECK(system.rate(free) == 10);
}

TEST_CASE("flows that just fill a link keep their solo rates, to the bit") {
  // n private links of C/n under one of C: the sum is C up to rounding, so the shared link holds nobody back.
  for (std::size_t n = 2; n <= 100; ++n) {
    const double capacity = 450e9;
    std::vector<double> capacities(n + 1, capacity / static_cast<double>(n));
    capacities[0] = capacity;
    MaxMin system(capacities);
    std::vector<ActivityId> flows;
    for (std::size_t i = 1; i <= n; ++i) flows.push_back(add(system, {use(0, 1), use(i, 1)}));
    (void)solve(system);
    for (const ActivityId flow : flows) REQUIRE(system.rate(flow) == capacities[1]);
  }
}

TEST_CASE("only what a change touches is reported, in order of id") {
  MaxMin system({10, 10, 10});
  const ActivityId a = add(system, {use(0, 1)});
  const ActivityId b = add(system, {use(1, 1)});
  const ActivityId c = add(system, {use(2, 1)});
  CHECK(solve(system) == std::vector<ActivityId>{a, b, c});
  CHECK(solve(system).empty());
  const ActivityId d = add(system, {use(1, 1)});
  CHECK(solve(system) == std::vector<ActivityId>{b, d});
  system.remove(b);
  CHECK(solve(system) == std::vector<ActivityId>{d});
  CHECK(system.rate(d) == 10);
  // Its id is used again.
  const ActivityId e = add(system, {use(0, 1)});
  CHECK(e == b);
  CHECK(solve(system) == std::vector<ActivityId>{a, e});
}

TEST_CASE("what comes and goes between two solves leaves no trace") {
  MaxMin system({10, 10});
  const ActivityId a = add(system, {use(0, 1)});
  (void)solve(system);
  system.remove(add(system, {use(0, 1), use(1, 1)}));
  CHECK(solve(system).empty());
  CHECK(system.rate(a) == 10);
  system.remove(add(system, {use(0, 1)}));
  const ActivityId b = add(system, {use(0, 1)});
  CHECK(solve(system) == std::vector<ActivityId>{a, b});
  CHECK(system.activity_count() == 2);
}

TEST_CASE("without sharing everyone runs as if alone") {
  MaxMin system({10, 4}, orrery::Sharing::kNone);
  const ActivityId a = add(system, {use(0, 1)});
  const ActivityId b = add(system, {use(0, 1), use(1, 1)});
  CHECK(solve(system).size() == 2);
  CHECK(system.rate(a) == 10);
  CHECK(system.rate(b) == 4);
  CHECK(system.load(ResourceId(std::size_t{0})) == 14);
  system.set_capacity(ResourceId(std::size_t{1}), 5);
  CHECK(solve(system) == std::vector<ActivityId>{b});
  CHECK(system.rate(b) == 5);
}

TEST_CASE("more activities than the sum of demands can count still share fairly") {
  const std::size_t n = (std::size_t{1} << 17U) + 3;
  MaxMin system({static_cast<double>(n)});
  std::vector<ActivityId> flows;
  for (std::size_t i = 0; i < n; ++i) flows.push_back(add(system, {use(0, 1)}));
  CHECK(solve(system).size() == n);
  CHECK(system.rate(flows.front()) == 1);
  CHECK(system.rate(flows.back()) == 1);
  for (std::size_t i = 1; i < n; ++i) system.remove(flows[i]);
  CHECK(solve(system) == std::vector<ActivityId>{flows[0]});
  CHECK(system.rate(flows[0]) == static_cast<double>(n));
}

TEST_CASE("an activity's own limit leaves the rest of a link to the others") {
  // 12 for three, one of which never does more than 2: 2 + 5 + 5.
  MaxMin system({12});
  const std::vector<Use> uses{use(0, 1)};
  const ActivityId slow = system.add(uses, 1, 2);
  const ActivityId a = add(system, uses);
  const ActivityId b = add(system, uses);
  (void)solve(system);
  CHECK(system.rate(slow) == 2);
  CHECK(system.rate(a) == 5);
  CHECK(system.rate(b) == 5);
  CHECK(system.solo_rate(slow) == 2);
  CHECK(system.solo_rate(a) == 12);
}

TEST_CASE("one that is prepared draws on nothing until it enters, and may be removed before") {
  MaxMin system({12});
  const ActivityId a = add(system, {use(0, 1)});
  const std::vector<Use> twice = {use(0, 1), use(0, 1)};
  const ActivityId b = system.prepare(twice, 1);
  const ActivityId never = system.prepare(twice, 1);
  CHECK(solve(system) == std::vector<ActivityId>{a});
  CHECK(system.rate(a) == 12);
  CHECK(system.activity_count() == 1);
  // x + 2x = 12: two uses of one resource add up when it enters.
  system.remove(never);
  system.enter(b);
  CHECK(solve(system) == std::vector<ActivityId>{a, b});
  CHECK(system.rate(a) == 4);
  CHECK(system.rate(b) == 4);
  CHECK(system.load(ResourceId(std::size_t{0})) == 12);
}
