// Events out of a file: which links and chips they name, and what the engine is told to change when.
#include "sim/scenario/events.h"

#include <doctest/doctest.h>

#include "sim/network/resources.h"
#include "tests/scenario/small_scenario.h"

using namespace small_scenario;  // tests read as the code that they check

namespace {

std::vector<Event> events_in(std::string_view text, const Fabric& fabric) {
  return read_events(yaml::parse(text, "events.yaml"), fabric);
}

// (microseconds, capacity as a share of the resource's own) of all changes to a resource.
using Turns = std::vector<std::pair<std::int64_t, double>>;
Turns turns_of(const std::vector<Event>& events, ResourceId resource, const Fabric& fabric) {
  const double own = Resources(fabric).capacities()[resource.index()];
  Turns turns;
  for (const CapacityChange& change : changes_of(events))
    if (change.resource == resource) turns.emplace_back(change.at.ps() / 1'000'000, change.capacity / own);
  return turns;
}

LinkId link_between(const Fabric& fabric, std::string_view from, std::string_view to) {
  for (std::size_t i = 0; i < fabric.links().size(); ++i) {
    const Link& link = fabric.links()[LinkId(i)];
    if (fabric.vertices()[link.from].name == from && fabric.vertices()[link.to].name == to) return LinkId(i);
  }
  FAIL("no such link");
  return {};
}

}  // namespace

TEST_CASE("a link goes down both ways, comes back, and its efficiency counts") {
  const Cluster cluster = on_superpod(8);
  const Fabric& fabric = cluster.fabric;
  const Resources resources(fabric);
  const std::vector<Event> events =
      events_in("[{at: 3 us, until: 5 us, link: [node0/nic0, unit0/leaf0], bandwidth: down}]", fabric);
  REQUIRE(events.size() == 1);
  CHECK(events[0].told.what == "node0/nic0 ↔ unit0/leaf0 down");
  CHECK(events[0].told.where == "events.yaml:1");
  for (const auto& [from, to] : {std::pair("node0/nic0", "unit0/leaf0"), std::pair("unit0/leaf0", "node0/nic0")})
    CHECK(turns_of(events, resources.link(link_between(fabric, from, to)), fabric) == Turns{{3, 0}, {5, 1}});
  CHECK(changes_of(events).size() == 4);

  const std::vector<Event> half =
      events_in("[{link: [node0/nic0, unit0/leaf0], bandwidth: 100 Gb/s, one_way: true}]", fabric);
  const ResourceId there = resources.link(link_between(fabric, "node0/nic0", "unit0/leaf0"));
  CHECK(turns_of(half, there, fabric) == Turns{{0, 0.5}});
  CHECK(changes_of(half).size() == 1);
  CHECK(half[0].told.what == "node0/nic0 → unit0/leaf0 at 12.5 GB/s");
}

TEST_CASE("patterns and single names take all links that they mean") {
  const Cluster cluster = on_superpod(16);
  const auto changed = [&](std::string_view text) { return changes_of(events_in(text, cluster.fabric)).size(); };
  CHECK(changed("[{link: [node0/chip*, node0/nvswitch0], bandwidth: 25 %}]") == 16);
  CHECK(changed("[{link: [node*/nic3, '*leaf*'], bandwidth: 25 %}]") == 4);
  CHECK(changed("[{link: node1/nic3, bandwidth: down}]") == 4);  // a cable to the network, one to its chip
  CHECK(changed("[{chip: all, speed: 60 %}]") == 16);
  CHECK(changed("[{chip: [3, 8-9, node1/chip1], speed: 60 %}]") == 3);
}

TEST_CASE("an event that comes again") {
  const Cluster cluster = on_superpod(8);
  const std::vector<Event> events =
      events_in("[{at: 10 us, until: 12 us, every: 5 us, times: 3, chip: 0, speed: 50 %}]", cluster.fabric);
  CHECK(turns_of(events, Resources(cluster.fabric).engine(ChipId(0)), cluster.fabric) ==
        Turns{{10, 0.5}, {12, 1}, {15, 0.5}, {17, 1}, {20, 0.5}, {22, 1}});
}

TEST_CASE("of events that overlap the one that began last holds, and then the one before it again") {
  const Cluster cluster = on_superpod(8);
  const ResourceId hbm = Resources(cluster.fabric).hbm(ChipId(5));
  const auto turns = [&](std::string_view text) {
    return turns_of(events_in(text, cluster.fabric), hbm, cluster.fabric);
  };
  CHECK(turns("[{at: 1 us, until: 9 us, chip: 5, hbm: 50 %}, {at: 2 us, until: 4 us, chip: 5, hbm: 25 %}]") ==
        Turns{{1, 0.5}, {2, 0.25}, {4, 0.5}, {9, 1}});
  CHECK(turns("[{at: 2 us, until: 9 us, chip: 5, hbm: 25 %}, {at: 1 us, until: 4 us, chip: 5, hbm: 50 %}]") ==
        Turns{{1, 0.5}, {2, 0.25}, {4, 0.25}, {9, 1}});
  CHECK(turns("[{at: 1 us, chip: 5, hbm: 50 %}, {at: 1 us, until: 2 us, chip: 5, hbm: 0 %}]") ==
        Turns{{1, 0}, {2, 0.5}});
}

TEST_CASE("events that changed nothing are said, with why") {
  const Cluster cluster = on_superpod(8);
  const std::vector<Event> events =
      events_in("- {at: 2 ms, chip: 0, speed: 50 %}\n- {chip: 1, hbm: 50 %}\n- {link: node0/nic0, bandwidth: 50 %}\n",
                cluster.fabric);
  std::vector<double> work(Resources(cluster.fabric).size(), 0);
  work[0] = 1;  // the first chip's engine
  CHECK(idle_events(events, Time::picoseconds(1'000'000'000), work) ==
        std::vector<std::string>{
            "events.yaml:1: the event 'node0/chip0 at 50 %' changes nothing: the step is over after 1.00 ms",
            "events.yaml:2: the event 'HBM of node0/chip1 at 50 %' changes nothing: nothing is read or written there",
            "events.yaml:3: the event 'all links of node0/nic0 (2 cables) at 50 %' changes nothing: nothing crosses "
            "there"});
  CHECK(idle_events(events, Time::picoseconds(3'000'000'000), std::vector<double>(work.size(), 1)).empty());
}
