// The models' contract in three calls: start, next_event, advance.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include "sim/network/network.h"

using orrery::Activity;
using orrery::Duration;
using orrery::Network;
using orrery::Networks;
using orrery::ResourceId;
using orrery::Time;
using orrery::Use;

namespace {

std::unique_ptr<Network> make(std::string_view name, std::vector<double> capacities) {
  return Networks::find(name)->make({std::move(capacities)});
}

Use use(std::size_t resource, double amount = 1) { return {ResourceId(resource), amount}; }

struct Start {
  std::vector<Use> uses;
  double amount = 0;
  std::int64_t latency = 0;
  double weight = 1;
  std::uint32_t tag = 0;
};

void start(Network& network, const Start& wanted, std::int64_t now = 0) {
  network.start({wanted.uses, wanted.amount, wanted.weight, Duration::picoseconds(wanted.latency), wanted.tag},
                Time::picoseconds(now));
}

using Tags = std::vector<std::uint32_t>;

Tags advance(Network& network, std::int64_t now) {
  Tags done;
  network.advance(Time::picoseconds(now), done);
  return done;
}

// Goes to the next event at which something is done.
std::pair<std::int64_t, Tags> next_done(Network& network) {
  while (true) {
    const Time at = network.next_event();
    if (at == Time::max()) return {-1, {}};
    Tags done = advance(network, at.ps());
    if (!done.empty()) return {at.ps(), done};
  }
}

// Of packet: what isn't a message.
constexpr std::string_view kModels[] = {"alpha-beta", "fluid", "ideal", "packet"};

}  // namespace

TEST_CASE("the models are found by name and say what they are") {
  CHECK(Networks::names() == std::vector<std::string>{"alpha-beta", "fluid", "ideal", "packet"});
  for (const auto* kind : Networks::all()) CHECK_FALSE(kind->sentence.empty());
}

TEST_CASE("not done at t - 1, done at t") {
  for (const std::string_view model : kModels) {
    CAPTURE(model);
    // 10 bytes at 3 bytes/ps after 7 ps: 3⅓ ps, rounded up.
    const auto network = make(model, {3e12});
    CHECK(network->next_event() == Time::max());
    start(*network, {{use(0)}, 10, 7, 1, 42}, 100);
    CHECK(network->next_event() == Time::picoseconds(107));
    CHECK(network->load(ResourceId(std::size_t{0})) == 0);
    CHECK(advance(*network, 107).empty());
    CHECK(network->next_event() == Time::picoseconds(111));
    CHECK(network->load(ResourceId(std::size_t{0})) == 3e12);
    CHECK(advance(*network, 110).empty());
    CHECK(network->next_event() == Time::picoseconds(111));
    CHECK(advance(*network, 111) == Tags{42});
    CHECK(network->next_event() == Time::max());
    CHECK(network->load(ResourceId(std::size_t{0})) == 0);
  }
}

TEST_CASE("without work an activity is done after its latency") {
  for (const std::string_view model : kModels) {
    CAPTURE(model);
    const auto network = make(model, {1e12});
    start(*network, {{}, 5, 3, 1, 1});
    start(*network, {{use(0)}, 0, 4, 1, 2});
    start(*network, {{}, 0, 0, 1, 3});
    CHECK(next_done(*network) == std::pair<std::int64_t, Tags>{0, {3}});
    CHECK(next_done(*network) == std::pair<std::int64_t, Tags>{3, {1}});
    CHECK(next_done(*network) == std::pair<std::int64_t, Tags>{4, {2}});
    CHECK(next_done(*network).first == -1);
  }
}

TEST_CASE("what ends at one picosecond comes in order of start") {
  for (const std::string_view model : kModels) {
    CAPTURE(model);
    const auto network = make(model, {1e12, 1e12, 1e12});
    start(*network, {{use(0)}, 90, 10, 1, 7});
    start(*network, {{use(1)}, 100, 0, 1, 5});
    start(*network, {{}, 0, 100, 1, 6});
    start(*network, {{use(2)}, 50, 50, 1, 4});
    CHECK(next_done(*network) == std::pair<std::int64_t, Tags>{100, {7, 5, 6, 4}});
  }
}

TEST_CASE("fluid: two transfers share a link until the shorter is done") {
  // 100 and 300 bytes at 1 byte/ps: ½ each until 200 ps, then the rest of 200 bytes at 1: 400 ps.
  const auto fluid = make("fluid", {1e12});
  start(*fluid, {{use(0)}, 100, 0, 1, 1});
  start(*fluid, {{use(0)}, 300, 0, 1, 2});
  CHECK(next_done(*fluid) == std::pair<std::int64_t, Tags>{200, {1}});
  CHECK(next_done(*fluid) == std::pair<std::int64_t, Tags>{400, {2}});
  const auto ideal = make("ideal", {1e12});
  start(*ideal, {{use(0)}, 100, 0, 1, 1});
  start(*ideal, {{use(0)}, 300, 0, 1, 2});
  CHECK(ideal->next_event() == Time::picoseconds(100));
  CHECK(ideal->load(ResourceId(std::size_t{0})) == 2e12);
  CHECK(next_done(*ideal) == std::pair<std::int64_t, Tags>{100, {1}});
  CHECK(next_done(*ideal) == std::pair<std::int64_t, Tags>{300, {2}});
}

TEST_CASE("fluid: a latecomer slows what is under way") {
  // 300 bytes at 1 byte/ps from 0; 100 more from 100 ps on (start at 50, latency 50): 200 and 100 bytes left at ½:
  // the second ends at 300, the first has 100 left then: 400.
  const auto network = make("fluid", {1e12});
  start(*network, {{use(0)}, 300, 0, 1, 1});
  CHECK(network->next_event() == Time::picoseconds(300));
  CHECK(advance(*network, 50).empty());
  start(*network, {{use(0)}, 100, 50, 1, 2}, 50);
  CHECK(next_done(*network) == std::pair<std::int64_t, Tags>{300, {2}});
  CHECK(next_done(*network) == std::pair<std::int64_t, Tags>{400, {1}});
}

TEST_CASE("fluid: weights share in proportion") {
  // 3 : 1 of 1 byte/ps: 300 bytes at ¾ end at 400 ps; the other has 300 − 100 left: 600.
  const auto network = make("fluid", {1e12});
  start(*network, {{use(0)}, 300, 0, 3, 1});
  start(*network, {{use(0)}, 300, 0, 1, 2});
  CHECK(next_done(*network) == std::pair<std::int64_t, Tags>{400, {1}});
  CHECK(next_done(*network) == std::pair<std::int64_t, Tags>{600, {2}});
}

TEST_CASE("a resource fails, and recovers") {
  for (const std::string_view model : kModels) {
    CAPTURE(model);
    const auto network = make(model, {1e12, 1e12});
    start(*network, {{use(0)}, 100, 0, 1, 1});
    start(*network, {{use(1)}, 150, 0, 1, 2});
    CHECK(network->next_event() == Time::picoseconds(100));
    network->set_capacity(ResourceId(std::size_t{0}), 0, Time::picoseconds(40));
    CHECK(next_done(*network) == std::pair<std::int64_t, Tags>{150, {2}});
    CHECK(network->next_event() == Time::max());  // stands still: no event
    network->set_capacity(ResourceId(std::size_t{0}), 0.5e12, Time::picoseconds(1000));
    CHECK(next_done(*network) == std::pair<std::int64_t, Tags>{1120, {1}});
  }
}

TEST_CASE("what is due now is done, even if its resource fails now") {
  const auto network = make("fluid", {3e12});
  start(*network, {{use(0)}, 10, 0, 1, 1});
  CHECK(network->next_event() == Time::picoseconds(4));
  network->set_capacity(ResourceId(std::size_t{0}), 0, Time::picoseconds(4));
  start(*network, {{use(0)}, 10, 0, 1, 2}, 4);
  CHECK(network->next_event() == Time::picoseconds(4));
  CHECK(advance(*network, 4) == Tags{1});
  CHECK(network->next_event() == Time::max());
}

TEST_CASE("times beyond the clock are no events") {
  for (const std::string_view model : kModels) {
    const auto network = make(model, {1, 0});
    start(*network, {{use(0)}, 1e18, 0, 1, 1});
    start(*network, {{use(1)}, 1, 0, 1, 2});
    start(*network, {{}, 0, Duration::max().ps(), 1, 3}, 0);
    CHECK(network->next_event() == Time::max());
  }
}

TEST_CASE("everything that starts at one instant is one batch, whatever the order") {
  const auto times = [](std::vector<int> order) {
    const auto network = make("fluid", {1e12, 7e11, 3e11});
    for (const int k : order) {
      const auto first = static_cast<std::size_t>(k % 3);
      start(*network, {{use(first), use((first + 1) % 3)}, 1000.0 + 10 * k, 0, 1, static_cast<std::uint32_t>(k)});
    }
    std::vector<std::int64_t> ends(order.size());
    while (true) {
      const auto [at, done] = next_done(*network);
      if (at < 0) return ends;
      for (const std::uint32_t tag : done) ends[tag] = at;
    }
  };
  CHECK(times({0, 1, 2, 3, 4, 5}) == times({5, 3, 1, 4, 2, 0}));
}

TEST_CASE("without contention ideal and fluid agree to the picosecond, and with the closed form") {
  CHECK(rc::check("alone", [] {
    const auto bandwidth = *rc::gen::inRange<std::int64_t>(1, 20'000) * 100'000'000;
    const auto flows = *rc::gen::inRange<std::size_t>(1, 6);
    const std::vector<double> capacities(flows, static_cast<double>(bandwidth));
    const auto ideal = make("ideal", capacities);
    const auto fluid = make("fluid", capacities);
    std::vector<std::int64_t> bytes;
    std::vector<std::int64_t> latency;
    for (std::size_t k = 0; k < flows; ++k) {
      bytes.push_back(*rc::gen::inRange<std::int64_t>(1, 1'000'000'000));
      latency.push_back(*rc::gen::inRange<std::int64_t>(0, 1'000'000));
      for (Network* network : {ideal.get(), fluid.get()})
        start(*network, {{use(k)}, static_cast<double>(bytes[k]), latency[k], 1, static_cast<std::uint32_t>(k)});
    }
    std::size_t finished = 0;
    while (finished < flows) {
      const auto a = next_done(*ideal);
      RC_ASSERT(a == next_done(*fluid));
      for (const std::uint32_t k : a.second) {
        // Bandwidths are multiples of 10⁸: remainders are over 10⁻⁴/2 ps only; leave out those under the 10⁻³ that
        // count as done.
        const Duration exact = orrery::transfer_time(
            orrery::Bytes(bytes[k]), orrery::Bandwidth::bytes_per_second(bandwidth), orrery::Rounding::kUp);
        const std::int64_t rest = (bytes[k] % (bandwidth / 100'000'000) * 10'000) % (bandwidth / 100'000'000);
        const bool negligible = rest > 0 && rest * 1000 <= bandwidth / 100'000'000;
        RC_ASSERT(a.first == latency[k] + exact.ps() - (negligible ? 1 : 0));
        ++finished;
      }
    }
  }));
}

TEST_CASE("what is drawn over time is what was asked for") {
  CHECK(rc::check("conservation", [] {
    const std::size_t resources = 4;
    const auto network = make("fluid", {1e12, 0.5e12, 2e12, 0.25e12});
    std::vector<double> asked(resources, 0);
    std::vector<double> drawn(resources, 0);
    const int flows = *rc::gen::inRange(1, 15);
    std::vector<std::int64_t> starts;
    for (int k = 0; k < flows; ++k) starts.push_back(*rc::gen::inRange<std::int64_t>(0, 20'000));
    std::sort(starts.begin(), starts.end());
    std::size_t next = 0;
    std::int64_t now = 0;
    while (true) {
      const std::int64_t event = network->next_event().ps();
      const std::int64_t arrival = next < starts.size() ? starts[next] : Time::max().ps();
      const std::int64_t to = std::min(event, arrival);
      if (to == Time::max().ps()) break;
      for (std::size_t r = 0; r < resources; ++r)
        drawn[r] += network->load(ResourceId(r)) * static_cast<double>(to - now) * 1e-12;
      now = to;
      (void)advance(*network, now);
      for (; next < starts.size() && starts[next] == now; ++next) {
        const auto a = *rc::gen::inRange<std::size_t>(0, resources);
        const auto b = *rc::gen::inRange<std::size_t>(0, resources);
        const double amount = *rc::gen::inRange(1, 20'000);
        start(*network, {{use(a), use(b, 0.5)}, amount, *rc::gen::inRange<std::int64_t>(0, 500), 1, 0}, now);
        asked[a] += amount;
        asked[b] += amount * 0.5;
      }
    }
    // Each end is rounded up by less than a picosecond: at most 2 bytes a flow.
    for (std::size_t r = 0; r < resources; ++r) {
      RC_ASSERT(drawn[r] >= asked[r] * (1 - 1e-9));
      RC_ASSERT(drawn[r] <= asked[r] + 2.0 * flows + 1e-6);
    }
  }));
}
