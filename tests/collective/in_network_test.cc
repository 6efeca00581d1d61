// All-reduces through switches, of nodes and of the network: what links carry, what they take, that they deliver.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <map>
#include <set>

#include "sim/collective/delivery.h"
#include "sim/collective/placed.h"
#include "tests/collective/clock.h"
#include "tests/collective/groups.h"
#include "tests/topology/routing_fixture.h"

namespace orrery {
namespace {

using enum CollectiveKind;

constexpr std::int64_t kLaunch = 5'000'000;
constexpr std::int64_t kStep = 300'000;
constexpr std::int64_t kInside = 200 + kStep;                 // half a way over a node's switch
constexpr std::int64_t kBetween = 2 * 200 + 2 * 900 + kStep;  // from node to node on a rail
constexpr std::int64_t kFast = 4;                             // ps a byte
constexpr std::int64_t kSlow = 40;

Clock on_rails(std::size_t nodes, std::size_t each) {
  return Clock(machines::rails(nodes, each, {250'000'000'000, 200}, {25'000'000'000, 900}), library_of(kLaunch, kStep));
}

// A cluster's chips, all of them members.
class Machine {
 public:
  explicit Machine(const std::string& fabric)
      : cluster_(test::cluster_of(fabric)), routes_(cluster_.fabric), resources_(cluster_.fabric) {
    for (std::size_t c = 0; c < cluster_.fabric.chip_count(); ++c) members_.emplace_back(c);
    costs_.launch = Duration::picoseconds(kLaunch);
    costs_.step = Duration::picoseconds(kStep);
    costs_.hbm_per_byte = 0;
  }
  [[nodiscard]] Group group() const { return group_of(cluster_.fabric, members_); }
  void keep(std::vector<ChipId> members) { members_ = std::move(members); }
  std::int64_t fluid(const Schedule& schedule) {
    return play_fluid(phases(schedule), *Networks::find("fluid")->make(resources_.wires())).ps();
  }
  std::int64_t stepwise(const Schedule& schedule) {
    const StepwiseMessages messages = lower_stepwise(schedule, members_, costs_, routes_, resources_);
    return play_stepwise(messages, *Networks::find("fluid")->make(resources_.wires())).ps();
  }
  // Bytes of each link that carries any.
  std::map<std::size_t, std::int64_t> carried(const Schedule& schedule) {
    std::map<std::size_t, std::int64_t> bytes;
    for (const FluidPhase& phase : phases(schedule))
      for (const Use& use : phase.uses)
        if (use.resource.index() >= 2 * cluster_.fabric.chip_count())
          bytes[use.resource.index()] += std::llround(use.amount);
    return bytes;
  }
  std::vector<FluidPhase> phases(const Schedule& schedule) {
    return lower_fluid(schedule, members_, costs_, routes_, resources_);
  }
  [[nodiscard]] const Link& link(std::size_t resource) const {
    return cluster_.fabric.links()[LinkId(resource - 2 * cluster_.fabric.chip_count())];
  }

 private:
  Cluster cluster_;
  Routes routes_;
  Resources resources_;
  CommunicationCosts costs_;
  std::vector<ChipId> members_;
};

const std::string kTwoTiers =
    "{shape: fat_tree, nodes: 16, nodes_per_leaf: 4, " + test::kCable + ", spine: {switches: 4}}";
const std::string kThreeTiers = "{shape: fat_tree, nodes: 24, nodes_per_leaf: 2, units_per_pod: 3, " + test::kCable +
                                ", spine: {switches: 2}, core: {switches: 6}}";
const std::string kRails = "{shape: rail_fat_tree, nodes: 8, nodes_per_unit: 2, " + test::kCable +
                           ", spine: {switches: 2}, " + test::kRailNode + "}";

}  // namespace

TEST_CASE("NVLS-tree of two nodes: NVLink carries S(1 + 1/g), a NIC S/g each way") {
  for (const std::size_t g : {2U, 4U, 8U}) {
    CAPTURE(g);
    const auto each = static_cast<std::int64_t>(g);
    Clock clock = on_rails(2, g);
    const std::int64_t piece = 1000;
    const std::int64_t bytes = 2 * each * piece;
    const std::int64_t chain = kLaunch + 4 * kInside + 2 * kBetween;
    // Chunk by chunk: up into both nodes' switches, one after the other, as a node is child in one tree and root in the
    // other; over the rail and back; down through both.
    CHECK(clock.fluid(write("nvls_tree", kAllReduce, block_group(2, g), bytes)) ==
          chain + 4 * each * piece * kFast + 2 * piece * kSlow);
    CHECK(clock.fluid(write("nvls_tree", kBarrier, block_group(2, g), 0)) == chain);
    CHECK(clock.stepwise(write("nvls_tree", kBarrier, block_group(2, g), 0)) == chain);
    const std::int64_t large = each << 30;
    const auto slowest = static_cast<double>(std::max(large / each * kSlow, (large + large / each) * kFast));
    const Schedule schedule = write("nvls_tree", kAllReduce, block_group(2, g), large);
    CHECK(static_cast<double>(clock.fluid(schedule)) == doctest::Approx(slowest).epsilon(0.02));
    CHECK(static_cast<double>(clock.stepwise(schedule)) == doctest::Approx(slowest).epsilon(0.05));
  }
}

TEST_CASE("NVLS-tree of many nodes: 2S/g on a NIC at twice a logarithm of hops") {
  for (const std::size_t m : {3U, 4U, 7U, 16U}) {
    CAPTURE(m);
    Clock clock = on_rails(m, 4);
    const std::int64_t large = std::int64_t{1} << 32;
    const double shares = m == 3 ? 1.5 : 2;  // of three nodes none is above two others and below one
    CHECK(static_cast<double>(clock.fluid(write("nvls_tree", kAllReduce, block_group(m, 4), large))) ==
          doctest::Approx(shares * static_cast<double>(large / 4 * kSlow)).epsilon(0.05));
    std::int64_t height = 0;
    while ((std::size_t{2} << static_cast<unsigned>(height)) <= m) ++height;
    CHECK(clock.fluid(write("nvls_tree", kBarrier, block_group(m, 4), 0)) ==
          kLaunch + 4 * kInside + 2 * height * kBetween);
  }
}

TEST_CASE("NVLS-tree beats the tree of NCCL where NVLink is busy, and nothing else changes") {
  Clock clock = on_rails(2, 8);
  const std::int64_t bytes = std::int64_t{1} << 30;
  CHECK(clock.fluid(write("nvls_tree", kAllReduce, block_group(2, 8), bytes)) <
        clock.fluid(write("double_binary_tree", kAllReduce, block_group(2, 8), bytes)));
  CHECK(write("nvls_tree", kAllReduce, block_group(1, 8), bytes).steps.empty());
  CHECK(write("nvls_tree", kAllReduce, block_group(4, 1), bytes).steps.empty());
  for (const char* algorithm : {"sharp", "nvls_sharp"}) {
    CHECK(write(algorithm, kAllReduce, block_group(1, 8), bytes).steps.empty());
    CHECK(write(algorithm, kAllReduce, block_group(2, 8), bytes).steps.empty());  // no switches known
  }
}

TEST_CASE("SHARP over two tiers: up and down, a chunk after the other, each link once each way") {
  Machine machine(kTwoTiers);
  const Group group = machine.group();
  const std::int64_t hop = 200'000;
  const std::int64_t bytes = 10'000;
  // Four hops of latency, of which the first and the last are a message's; four times the bytes through a switch.
  const std::int64_t chain = kLaunch + 4 * hop + 2 * kStep;
  for (const auto& [kind, size] :
       std::vector<std::pair<CollectiveKind, std::int64_t>>{{kAllReduce, bytes}, {kBarrier, 0}}) {
    CHECK(machine.fluid(write("sharp", kind, group, size)) == chain + 4 * size * kSlow);
    CHECK(machine.stepwise(write("sharp", kind, group, size)) == chain + 4 * size * kSlow);
  }
  const std::int64_t large = std::int64_t{1} << 30;
  const Schedule schedule = write("sharp", kAllReduce, group, large);
  const auto alone = static_cast<double>(large * kSlow);
  CHECK(static_cast<double>(machine.fluid(schedule)) == doctest::Approx(alone).epsilon(0.02));
  CHECK(static_cast<double>(machine.stepwise(schedule)) == doctest::Approx(alone).epsilon(0.02));
  // Sixteen cables to chips and four to the spine, both ways.
  const auto carried = machine.carried(schedule);
  CHECK(carried.size() == 2 * (16 + 4));
  for (const auto& [link, sum] : carried) CHECK(sum == large);
}

TEST_CASE("SHARP on rails: each head's share goes up a tree of its own") {
  const std::int64_t bytes = 4 << 20;
  for (const char* algorithm : {"sharp", "nvls_sharp"}) {
    CAPTURE(algorithm);
    Machine machine(kRails);
    const Schedule schedule = write(algorithm, kAllReduce, machine.group(), bytes);
    const bool direct = std::string_view(algorithm) == "sharp";
    std::set<std::size_t> spines;
    for (const auto& [resource, sum] : machine.carried(schedule)) {
      const Link& link = machine.link(resource);
      if (link.tier == Tier::kScaleUp) CHECK(sum == (direct ? 2 * 3 * bytes / 4 : 5 * bytes / 4));
      if (link.tier != Tier::kScaleUp) CHECK(sum == bytes / 4);
      if (link.tier == Tier::kSpine) spines.insert(link.to.index());
    }
    CHECK(undelivered(kAllReduce, 32, schedule) == "");
    // Four leaves of each of the four rails, and both spine switches: rails side by side take one in turn.
    CHECK(spines.size() == 4 * 4 + 2);
  }
}

TEST_CASE("whatever chips: they deliver, no link of the network carries more than once each way what its heads share") {
  Machine machine(kThreeTiers);
  CHECK(rc::check("sharp", [&] {
    const auto chosen = *rc::gen::unique<std::vector<int>>(rc::gen::inRange(0, 24));
    RC_PRE(chosen.size() > 1);
    std::vector<ChipId> members;
    for (const int chip : chosen) members.emplace_back(static_cast<std::size_t>(chip));
    machine.keep(std::move(members));
    const std::int64_t bytes = *rc::gen::inRange<std::int64_t>(1, 1 << 20);
    const Schedule schedule = write("sharp", kAllReduce, machine.group(), bytes);
    RC_ASSERT(undelivered(kAllReduce, chosen.size(), schedule) == "");
    const std::int64_t all = schedule.steps[0].bytes.count() * schedule.pieces;
    for (const auto& [link, sum] : machine.carried(schedule)) RC_ASSERT(sum == all);
  }));
}

TEST_CASE("members' engines are drawn on, switches have none") {
  CommunicationCosts costs = library_of(0, 0);
  costs.engine_share = 0.1;
  for (const char* algorithm : {"nvls", "nvls_tree"}) {
    const std::size_t nodes = std::string_view(algorithm) == "nvls" ? 1 : 2;
    Clock clock(machines::rails(nodes, 4, {250'000'000'000, 0}, {25'000'000'000, 0}), costs);
    const Schedule schedule = write(algorithm, kAllReduce, block_group(nodes, 4), 1 << 24);
    CHECK(static_cast<double>(clock.stepwise(schedule)) ==
          doctest::Approx(static_cast<double>(clock.fluid(schedule))).epsilon(0.1));
  }
}

TEST_CASE("groups that stand beside each other go up different trees") {
  // Two groups of four, a chip of each below every leaf: their trees share no link.
  Machine machine(kTwoTiers);
  std::map<std::size_t, int> users;
  for (const std::size_t first : {0U, 1U}) {
    machine.keep({ChipId(first), ChipId(first + 4), ChipId(first + 8), ChipId(first + 12)});
    for (const auto& [link, sum] : machine.carried(write("sharp", kAllReduce, machine.group(), 1000))) ++users[link];
  }
  CHECK(users.size() == 2 * 2 * (4 + 4));
}

}  // namespace orrery
