// Checks what tiers carried on small machines: levels, directions, and chips that are not in use.
#include "sim/report/traffic.h"

#include <doctest/doctest.h>

#include "sim/network/resources.h"
#include "tests/collective/machines.h"

using namespace orrery;

namespace {

// Two nodes of two chips: chip–switch at 100 B/s a link, chip–NIC at 40, NIC–leaf at 10.
Fabric two_nodes() {
  Fabric fabric = machines::rails(2, 2, {100, 0}, {10, 0});
  for (std::size_t i = 0; i < fabric.links().size(); ++i)
    if (fabric.links()[LinkId(i)].tier == Tier::kHost)
      fabric.link(LinkId(i)).bandwidth = Bandwidth::bytes_per_second(40);
  return fabric;
}

// A step of ten seconds in which every link carried `bytes(link)`.
template <class Bytes>
RunResult carried(const Fabric& fabric, const Bytes& bytes) {
  const Resources resources(fabric);
  RunResult result;
  result.step = Duration::seconds(10);
  result.resource_work.assign(resources.size(), 0);
  for (std::size_t i = 0; i < fabric.links().size(); ++i)
    result.resource_work[resources.link(LinkId(i)).index()] = bytes(fabric.links()[LinkId(i)]);
  return result;
}

Placement first_chips(std::size_t count) {
  Placement placement;
  for (std::size_t c = 0; c < count; ++c) placement.add(ChipId(c));
  return placement;
}

const TierTraffic& of(const std::vector<TierTraffic>& all, Tier tier) {
  for (const TierTraffic& one : all)
    if (one.tier == tier) return one;
  FAIL("the tier is absent");
  return all.front();
}

}  // namespace

TEST_CASE("each tier: mean and busiest, bytes and rate a chip") {
  const Fabric fabric = two_nodes();
  const VertexId chip0 = fabric.engine(ChipId(0));
  const RunResult result = carried(fabric, [&](const Link& link) {
    if (link.kind == LinkKind::kOnPackage) return 1e9;  // no part of it
    if (link.tier == Tier::kScaleUp) return link.from == chip0 ? 500.0 : 100.0;
    return link.tier == Tier::kHost ? 40.0 : 20.0;
  });
  const std::vector<TierTraffic> traffic = tier_traffic(fabric, first_chips(4), result);
  REQUIRE(traffic.size() == 3);
  // Four links out and four in at 100 B/s: (500 + 7 · 100) ÷ (8 · 100 · 10).
  const TierTraffic& inside = of(traffic, Tier::kScaleUp);
  CHECK(inside.mean_utilization == doctest::Approx(0.15));
  CHECK(inside.highest_utilization == doctest::Approx(0.5));
  CHECK(fabric.links()[inside.busiest].from == chip0);
  CHECK(inside.bytes_per_chip == doctest::Approx(800.0 / 4));  // what is sent, as it is more than what comes
  CHECK(inside.rate_per_chip == doctest::Approx(100));
  CHECK(of(traffic, Tier::kHost).mean_utilization == doctest::Approx(0.1));
  CHECK(of(traffic, Tier::kRail).rate_per_chip == doctest::Approx(10));
  CHECK(of(traffic, Tier::kRail).bytes_per_chip == doctest::Approx(20));
}

TEST_CASE("links of chips that are not in use don't dilute a tier") {
  const Fabric fabric = two_nodes();
  const RunResult result = carried(fabric, [&](const Link& link) {
    const std::string& from = fabric.vertices()[link.from].name;
    const std::string& to = fabric.vertices()[link.to].name;
    const bool first_node = from.find("node0") == 0 || to.find("node0") == 0;
    return first_node && link.tier == Tier::kScaleUp ? 300.0 : 0.0;
  });
  const std::vector<TierTraffic> traffic = tier_traffic(fabric, first_chips(2), result);
  CHECK(of(traffic, Tier::kScaleUp).mean_utilization == doctest::Approx(0.3));
  CHECK(of(traffic, Tier::kScaleUp).rate_per_chip == doctest::Approx(100));
  CHECK(of(traffic, Tier::kRail).highest_utilization == 0);
  CHECK(of(traffic, Tier::kRail).rate_per_chip == doctest::Approx(10));
}

TEST_CASE("of links that stand one after another, those that need longest") {
  // chip – leaf – spine, all of one tier: up to the spine there is a quarter of the rate.
  Fabric fabric = machines::bare(1000);
  const VertexId spine = fabric.add_vertex({VertexKind::kSwitch, {}, "spine"});
  for (int l = 0; l < 2; ++l) {
    const VertexId leaf = fabric.add_vertex({VertexKind::kSwitch, {}, "leaf" + std::to_string(l)});
    machines::cable(fabric, leaf, spine, {50, 0});
    for (int c = 0; c < 2; ++c) machines::cable(fabric, fabric.engine(fabric.add_chip(0, "chip")), leaf, {100, 0});
  }
  const RunResult result =
      carried(fabric, [&](const Link& link) { return link.from == spine || link.to == spine ? 200.0 : 300.0; });
  const TierTraffic& rail = of(tier_traffic(fabric, first_chips(4), result), Tier::kRail);
  CHECK(rail.bytes_per_chip == doctest::Approx(2 * 200.0 / 4));
  CHECK(rail.rate_per_chip == doctest::Approx(2 * 50.0 / 4));
}

TEST_CASE("between chips that are linked directly both directions lead out") {
  const Fabric fabric = machines::circle(4, {100, 0}, 1000);
  const RunResult result =
      carried(fabric, [](const Link& link) { return link.kind == LinkKind::kOnPackage ? 0.0 : 60.0; });
  const std::vector<TierTraffic> traffic = tier_traffic(fabric, first_chips(4), result);
  REQUIRE(traffic.size() == 1);
  CHECK(traffic[0].bytes_per_chip == doctest::Approx(120));
  CHECK(traffic[0].rate_per_chip == doctest::Approx(200));
}
