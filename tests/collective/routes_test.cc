// Routings on the clock: what paths and shares become in uses, latencies and times, in every network model.
#include <cmath>
#include <map>

#include "sim/collective/play.h"
#include "sim/collective/schedule.h"
#include "tests/topology/routing_fixture.h"

namespace orrery::test {
namespace {

constexpr std::int64_t kMegabyte = 1'000'000;
const std::string kFourLeaves = "{shape: fat_tree, nodes: 16, nodes_per_leaf: 4, " + kCable + ", spine: {switches: 4}}";
const std::string kNineGroups =
    "{shape: dragonfly, groups: 9, routers: 4, blocks_per_router: 2, global_links: 2, " + kCable + "}";

// Chip c sends a megabyte to chip c + by, all at once.
Schedule shift_of(std::size_t chips, std::size_t by) {
  Step step{{}, Bytes(kMegabyte), 1};
  for (std::size_t c = 0; c < chips; ++c)
    step.transfers.push_back({.from = static_cast<std::int32_t>(c), .to = static_cast<std::int32_t>((c + by) % chips)});
  return {{step}};
}

class Traffic {
 public:
  Traffic(const std::string& fabric, std::string_view routing)
      : cluster_(cluster_of(fabric)),
        routes_(cluster_.fabric, routing_of(routing, cluster_.fabric)),
        resources_(cluster_.fabric) {
    costs_.hbm_per_byte = 0;
    for (std::size_t c = 0; c < cluster_.fabric.chip_count(); ++c) members_.emplace_back(c);
  }
  StepwiseMessages messages(const Schedule& schedule) {
    return lower_stepwise(schedule, members_, costs_, routes_, resources_);
  }
  std::vector<FluidPhase> phases(const Schedule& schedule) {
    return lower_fluid(schedule, members_, costs_, routes_, resources_);
  }
  std::int64_t stepwise(const Schedule& schedule, std::string_view network = "fluid") {
    return play_stepwise(messages(schedule), *Networks::find(network)->make(resources_.wires())).ps();
  }
  std::int64_t fluid(const Schedule& schedule) {
    return play_fluid(phases(schedule), *Networks::find("fluid")->make(resources_.wires())).ps();
  }
  std::int64_t shift(std::size_t by, std::string_view network = "fluid") {
    return stepwise(shift_of(members_.size(), by), network);
  }
  [[nodiscard]] const Resources& resources() const { return resources_; }

 private:
  Cluster cluster_;
  Routes routes_;
  Resources resources_;
  CommunicationCosts costs_;
  std::vector<ChipId> members_;
};

// A megabyte at 25 GB/s, and four links of 200 ns.
constexpr std::int64_t kAlone = 40'000'000 + 800'000;

TEST_CASE("a sprayed message draws on each link by the share of the paths over it") {
  Traffic traffic(kFourLeaves, "spray");
  const StepwiseMessages lowered = traffic.messages({{Step{{Transfer{.from = 0, .to = 5}}, Bytes(100), 1}}});
  REQUIRE(lowered.messages.size() == 1);
  const Message& message = lowered.messages.front();
  CHECK(message.path_count == 4);
  CHECK(message.link_count == 16);
  std::map<double, int> amounts;
  for (std::uint32_t u = 0; u < message.use_count; ++u) ++amounts[lowered.uses[message.first_use + u].amount];
  // The links at both chips whole, four up and four down by a quarter.
  CHECK(amounts == std::map<double, int>{{1.0, 2}, {0.25, 8}});
  for (std::uint32_t p = 0; p < message.path_count; ++p) CHECK(lowered.paths[p].share == 0.25);
}

TEST_CASE("a message's latency is that of its longest path") {
  // Round a ring of eight: one way to the neighbour, or seven.
  Traffic traffic("{shape: ring, blocks: 8, " + kCable + "}",
                  "{name: explicit, routes: [{from: chip0, to: chip1}, {from: chip0, to: chip1, via: [chip5]}]}");
  const StepwiseMessages lowered = traffic.messages({{Step{{Transfer{.from = 0, .to = 1}}, Bytes(100), 1}}});
  CHECK(lowered.messages.front().latency == Duration::nanoseconds(7 * 200));
}

TEST_CASE("a shift by a leaf: minimal and spray carry it alone, ecmp collides, adaptive doesn't") {
  CHECK(Traffic(kFourLeaves, "minimal").shift(4) == kAlone);
  CHECK(Traffic(kFourLeaves, "spray").shift(4) == kAlone);
  CHECK(Traffic(kFourLeaves, "adaptive").shift(4) == kAlone);
  for (int seed = 0; seed < 4; ++seed)
    CHECK(Traffic(kFourLeaves, "{name: ecmp, seed: " + std::to_string(seed) + "}").shift(4) >= 2 * 40'000'000);
}

TEST_CASE("both granularities and the coupled phase see the same shares") {
  Traffic traffic(kFourLeaves, "spray");
  CHECK(traffic.fluid(shift_of(16, 4)) == kAlone);
  for (const FluidPhase& phase : traffic.phases(shift_of(16, 4)))
    for (const Use& use : phase.uses) CHECK(use.amount == doctest::Approx(kMegabyte));
}

TEST_CASE("valiant beats minimal where a dragonfly's every group sends to the next, and loses where all is even") {
  // Shortest paths of a group go by few cables: six flows share one.
  const std::int64_t minimal = Traffic(kNineGroups, "minimal").shift(8);
  CHECK(minimal == 6 * 40'000'000 + 800'000);
  for (int seed = 0; seed < 4; ++seed) {
    const std::string with = ", seed: " + std::to_string(seed) + "}";
    CHECK(Traffic(kNineGroups, "{name: valiant, flows: 8" + with).shift(8) < 0.75 * static_cast<double>(minimal));
    CHECK(Traffic(kNineGroups, "{name: adaptive" + with).shift(8) < minimal);
  }
  CHECK(Traffic(kFourLeaves, "valiant").shift(4) > kAlone);
}

TEST_CASE("adaptive is no slower than minimal, whatever the shift") {
  for (const std::string& fabric : {kFourLeaves, kNineGroups})
    for (std::size_t by = 1; by < 16; ++by) {
      CAPTURE(by);
      CHECK(Traffic(fabric, "adaptive").shift(by) <= Traffic(fabric, "minimal").shift(by));
    }
}

TEST_CASE("the packet model sprays packets over the paths, and takes about as long as the fluid one") {
  for (const char* routing : {"minimal", "spray", "{name: ecmp, seed: 1}", "{name: valiant, seed: 1, flows: 2}"}) {
    CAPTURE(routing);
    const auto fluid = static_cast<double>(Traffic(kFourLeaves, routing).shift(4));
    const auto packet = static_cast<double>(Traffic(kFourLeaves, routing).shift(4, "packet"));
    CHECK(packet > 0.95 * fluid);
    CHECK(packet < 1.5 * fluid);
  }
}

TEST_CASE("what goes through a switch that adds up takes one path, whatever the routing") {
  Traffic traffic("{shape: single_switch, blocks: 4, " + kCable + "}", "spray");
  Group group;
  group.node = {0, 0, 0, 0};
  const Schedule schedule = CollectiveAlgorithms::find("nvls")->write(CollectiveKind::kAllReduce, group, Bytes(4000));
  REQUIRE(!schedule.steps.empty());
  const StepwiseMessages lowered = traffic.messages(schedule);
  for (const Message& message : lowered.messages) CHECK(message.path_count <= 1);
}

}  // namespace
}  // namespace orrery::test
