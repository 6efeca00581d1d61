// Random fabrics and flows under `fluid`: no link over capacity, none idle that could help, every byte carried, and the
// order in which flows are given makes no difference.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "sim/network/network.h"
#include "tests/topology/fixture.h"
#include "topology/routes.h"

using orrery::ChipId;
using orrery::Duration;
using orrery::Fabric;
using orrery::LinkId;
using orrery::ResourceId;
using orrery::Time;
using orrery::Use;
using orrery::VertexId;

namespace {

constexpr double kSlack = 1e-9;

// Chips on random switches; the switches are joined by a random tree and some cables more.
Fabric random_fabric() {
  Fabric fabric(
      orrery::test::cluster_of("{shape: ring, blocks: 2, link: {bandwidth: 1 GB/s, latency: 0 ns}, block: chip}")
          .fabric.chip_spec());
  std::vector<VertexId> switches;
  const auto cable = [&](VertexId from, VertexId to) {
    orrery::Link link;
    link.from = from;
    link.to = to;
    link.bandwidth = orrery::Bandwidth::bytes_per_second(*rc::gen::inRange<std::int64_t>(1, 9) * 10'000'000'000);
    fabric.add_cable(link);
  };
  const auto any = [&] { return switches[*rc::gen::inRange<std::size_t>(0, switches.size())]; };
  const int count = *rc::gen::inRange(1, 8);
  for (int k = 0; k < count; ++k) {
    const VertexId added = fabric.add_vertex({orrery::VertexKind::kSwitch, ChipId(), "switch" + std::to_string(k)});
    if (!switches.empty()) cable(any(), added);
    switches.push_back(added);
  }
  for (int k = *rc::gen::inRange(0, 6); k > 0 && switches.size() > 1; --k) {
    const VertexId from = any();
    const VertexId to = any();
    if (from != to) cable(from, to);
  }
  const int chips = *rc::gen::inRange(2, 9);
  for (int k = 0; k < chips; ++k)
    cable(fabric.engine(fabric.add_chip(static_cast<std::uint32_t>(k), "chip" + std::to_string(k))), any());
  return fabric;
}

struct Flow {
  std::vector<LinkId> route;
  std::int64_t start = 0;
  double bytes = 0;
};

std::vector<Flow> random_flows(const Fabric& fabric) {
  orrery::Routes routes(fabric);
  std::vector<Flow> flows(*rc::gen::inRange<std::size_t>(1, 25));
  for (Flow& flow : flows) {
    const auto chips = static_cast<std::uint32_t>(fabric.chip_count());
    const auto from = *rc::gen::inRange<std::uint32_t>(0, chips);
    const auto step = *rc::gen::inRange<std::uint32_t>(1, chips);
    const auto route = routes.route(ChipId(from), ChipId((from + step) % chips));
    flow.route.assign(route.begin(), route.end());
    flow.start = *rc::gen::inRange<std::int64_t>(0, 4) * 1'000'000;
    flow.bytes = *rc::gen::inRange(1, 1'000'000);
  }
  std::sort(flows.begin(), flows.end(), [](const Flow& a, const Flow& b) { return a.start < b.start; });
  return flows;
}

// Plays the flows in the order given by `order`, which is one of start; checks every state on the way.
std::vector<std::int64_t> ends_of(const Fabric& fabric, const std::vector<Flow>& flows,
                                  const std::vector<std::size_t>& order) {
  std::vector<double> capacities;
  for (const orrery::Link& link : fabric.links())
    capacities.push_back(static_cast<double>(link.bandwidth.bytes_per_second()));
  const auto network = orrery::Networks::find("fluid")->make({capacities});
  std::vector<double> carried(capacities.size(), 0);
  std::vector<std::int64_t> ends(flows.size(), -1);
  std::vector<std::uint32_t> done;
  std::size_t next = 0;
  for (std::int64_t now = 0;;) {
    const std::int64_t event = network->next_event().ps();
    for (std::size_t r = 0; r < capacities.size(); ++r)
      RC_ASSERT(network->load(ResourceId(r)) <= capacities[r] * (1 + kSlack));
    for (std::size_t k = 0; k < next; ++k) {
      const Flow& flow = flows[order[k]];
      RC_ASSERT(ends[order[k]] >= 0 || std::any_of(flow.route.begin(), flow.route.end(), [&](LinkId link) {
                  return network->load(ResourceId(link.index())) >= capacities[link.index()] * (1 - kSlack);
                }));
    }
    const std::int64_t to = next < flows.size() ? std::min(event, flows[order[next]].start) : event;
    if (to == Time::max().ps()) break;
    for (std::size_t r = 0; r < capacities.size(); ++r)
      carried[r] += network->load(ResourceId(r)) * static_cast<double>(to - now) * 1e-12;
    now = to;
    done.clear();
    network->advance(Time::picoseconds(now), done);
    for (const std::uint32_t flow : done) ends[flow] = now;
    for (; next < flows.size() && flows[order[next]].start == now; ++next) {
      std::vector<Use> uses;
      for (const LinkId link : flows[order[next]].route) uses.push_back({ResourceId(link.index()), 1});
      orrery::Activity activity;
      activity.uses = uses;
      activity.amount = flows[order[next]].bytes;
      activity.tag = static_cast<std::uint32_t>(order[next]);
      network->start(activity, Time::picoseconds(now));
    }
  }
  std::vector<double> given(capacities.size(), 0);
  for (const Flow& flow : flows)
    for (const LinkId link : flow.route) given[link.index()] += flow.bytes;
  // Each end is rounded up by less than a picosecond: less than a byte a flow.
  for (std::size_t r = 0; r < capacities.size(); ++r) {
    RC_ASSERT(carried[r] >= given[r] * (1 - kSlack));
    RC_ASSERT(carried[r] <= given[r] * (1 + kSlack) + static_cast<double>(flows.size()));
  }
  RC_ASSERT(std::find(ends.begin(), ends.end(), -1) == ends.end());
  return ends;
}

}  // namespace

TEST_CASE("random fabrics and flows: within capacity, work-conserving, every byte carried, whatever the order") {
  CHECK(rc::check("fabrics", [] {
    const Fabric fabric = random_fabric();
    const std::vector<Flow> flows = random_flows(fabric);
    std::vector<std::size_t> order(flows.size());
    for (std::size_t k = 0; k < order.size(); ++k) order[k] = k;
    const std::vector<std::int64_t> ends = ends_of(fabric, flows, order);
    // Among those that start together, the other way round.
    std::reverse(order.begin(), order.end());
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return flows[a].start < flows[b].start; });
    const std::vector<std::int64_t> reversed = ends_of(fabric, flows, order);
    for (std::size_t k = 0; k < ends.size(); ++k) RC_ASSERT(std::abs(ends[k] - reversed[k]) <= 1);
  }));
}
