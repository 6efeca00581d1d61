// Crowds go as each of their members would by itself, also when something comes between.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>
#include <cstdlib>
#include <map>

#include "sim/network/crowd_network.h"

namespace orrery {
namespace {

// Hosts on leaves, leaves on one spine: link up of host h is h, its link down hosts + h, then leaves' links likewise.
struct Leaves {
  std::uint32_t leaves = 5;
  std::uint32_t per_leaf = 5;

  [[nodiscard]] std::uint32_t hosts() const { return leaves * per_leaf; }
  [[nodiscard]] std::size_t links() const { return 2 * (std::size_t{hosts()} + leaves); }
  [[nodiscard]] std::vector<Use> route(std::uint32_t from, std::uint32_t to) const {
    std::vector<Use> uses = {{ResourceId(from), 1}, {ResourceId(hosts() + to), 1}};
    if (from / per_leaf == to / per_leaf) return uses;
    uses.push_back({ResourceId(2 * hosts() + from / per_leaf), 1});
    uses.push_back({ResourceId(2 * hosts() + leaves + to / per_leaf), 1});
    return uses;
  }
};

// Something that happens: a flow starts or a link gets another capacity.
struct Deed {
  Time at;
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  double bytes = 0;
  double capacity = 0;  // of link `from`, instead
};

using Ends = std::vector<std::pair<Time, std::uint32_t>>;  // in order of ending

Ends play(Network& network, const Leaves& tree, const std::vector<Deed>& deeds) {
  Ends ends;
  std::vector<std::uint32_t> done;
  std::size_t next = 0;
  for (;;) {
    Time now = network.next_event();
    if (next < deeds.size()) now = std::min(now, deeds[next].at);
    if (now == Time::max()) return ends;
    done.clear();
    network.advance(now, done);
    for (const std::uint32_t tag : done) ends.emplace_back(now, tag);
    for (; next < deeds.size() && deeds[next].at == now; ++next) {
      const Deed& deed = deeds[next];
      if (deed.bytes == 0) {
        network.set_capacity(ResourceId(deed.from), deed.capacity, now);
        continue;
      }
      const std::vector<Use> uses = tree.route(deed.from, deed.to);
      Activity flow;
      flow.uses = uses;
      flow.amount = deed.bytes;
      flow.latency = Duration::picoseconds(static_cast<std::int64_t>(100 * uses.size()));
      flow.tag = static_cast<std::uint32_t>(next);
      network.start(flow, now);
    }
  }
}

void add_all_to_all(const Leaves& tree, Time at, double bytes, std::vector<Deed>& deeds) {
  for (std::uint32_t from = 0; from < tree.hosts(); ++from)
    for (std::uint32_t to = 0; to < tree.hosts(); ++to)
      if (from != to) deeds.push_back({at, from, to, bytes});
}

// Bytes a second; a byte takes 10 ps alone.
std::vector<double> capacities(const Leaves& tree) { return std::vector<double>(tree.links(), 1e11); }

std::string difference(const Leaves& tree, const std::vector<Deed>& deeds) {
  RateNetwork plain(capacities(tree), Sharing::kMaxMin);
  CrowdNetwork crowd(capacities(tree), Sharing::kMaxMin);
  const Ends expected = play(plain, tree, deeds);
  const Ends found = play(crowd, tree, deeds);
  if (expected.size() != found.size()) return "another number of ends";
  std::map<std::uint32_t, Time> by_tag;
  for (const auto& [at, tag] : expected) by_tag.emplace(tag, at);
  for (const auto& [at, tag] : found)
    if (std::abs((at - by_tag.at(tag)).ps()) > 1) return "flow " + std::to_string(tag) + " ends at another time";
  return "";
}

}  // namespace

TEST_CASE("an all-to-all is a few classes, and every flow ends as by itself, in order of start") {
  const Leaves tree;
  std::vector<Deed> deeds;
  add_all_to_all(tree, Time(), 1000, deeds);
  Crowd crowd;
  std::vector<std::vector<Use>> routes;
  for (const Deed& deed : deeds) {
    Activity flow;
    routes.push_back(tree.route(deed.from, deed.to));
    flow.uses = routes.back();
    flow.amount = deed.bytes;
    crowd.add(flow);
  }
  Likeness likeness;
  REQUIRE(likeness.find(crowd, capacities(tree)));
  CHECK(likeness.classes() == 2);
  CHECK(likeness.members(0).size() == 25 * 4);
  CHECK(likeness.members(1).size() == 25 * 20);
  // Up and down are alike: a host's link has 20 flows of the class, as the first of 50 stands for both of a flow's
  // ends.
  const std::vector<Use> uses = likeness.uses(crowd, 1);
  REQUIRE(uses.size() == 4);
  CHECK(uses[0].resource == uses[1].resource);
  CHECK(uses[0].amount + uses[1].amount == doctest::Approx(20));
  CHECK(uses[2].amount + uses[3].amount == doctest::Approx(100));
  CHECK(likeness.resource(ResourceId(std::size_t{7})) == ResourceId(std::size_t{0}));

  RateNetwork plain(capacities(tree), Sharing::kMaxMin);
  CrowdNetwork together(capacities(tree), Sharing::kMaxMin);
  CHECK(play(plain, tree, deeds) == play(together, tree, deeds));
}

TEST_CASE("what is drawn from a resource is the same for a crowd") {
  const Leaves tree;
  std::vector<Deed> deeds;
  add_all_to_all(tree, Time(), 1000, deeds);
  RateNetwork plain(capacities(tree), Sharing::kMaxMin);
  CrowdNetwork crowd(capacities(tree), Sharing::kMaxMin);
  std::vector<std::uint32_t> done;
  for (Network* network : {static_cast<Network*>(&plain), static_cast<Network*>(&crowd)}) {
    for (const Deed& deed : deeds) {
      const std::vector<Use> uses = tree.route(deed.from, deed.to);
      Activity flow;
      flow.uses = uses;
      flow.amount = deed.bytes;
      network->start(flow, Time());
    }
    static_cast<void>(network->next_event());
  }
  for (std::size_t r = 0; r < tree.links(); ++r)
    CHECK(crowd.load(ResourceId(r)) == doctest::Approx(plain.load(ResourceId(r))));
}

TEST_CASE("random crowds, with flows and failing links that come between, end as each flow by itself") {
  CHECK(rc::check("crowds", [] {
    const Leaves tree{*rc::gen::inRange<std::uint32_t>(3, 7), *rc::gen::inRange<std::uint32_t>(4, 7)};
    std::vector<Deed> deeds;
    const auto waves = *rc::gen::inRange(1, 4);
    Time at;
    for (int wave = 0; wave < waves; ++wave) {
      add_all_to_all(tree, at, *rc::gen::element(1000, 1500), deeds);
      if (*rc::gen::inRange(0, 2) == 0) deeds.back().bytes = 700;  // one is not like the others
      const auto others = *rc::gen::inRange(0, 3);
      const Time before = at;
      for (int k = 0; k < others; ++k) {
        at = at + Duration::picoseconds(*rc::gen::inRange(0, 300'000));
        Deed deed{at, *rc::gen::inRange<std::uint32_t>(0, tree.hosts()), 0};
        deed.to = (deed.from + 1) % tree.hosts();
        if (*rc::gen::inRange(0, 2) == 0)
          deed.capacity = *rc::gen::element(1e10, 1e11);
        else
          deed.bytes = 2000;
        deeds.push_back(deed);
      }
      at = *rc::gen::inRange(0, 2) == 0 ? before + Duration::picoseconds(10'000'000) : at;
    }
    RC_ASSERT(difference(tree, deeds) == "");
  }));
}

}  // namespace orrery
