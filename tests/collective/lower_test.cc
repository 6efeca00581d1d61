// Collectives on idle machines against closed forms, to the picosecond, in both granularities.
//
// Rounding. Fluid: all repeats of a phase are one activity, its bandwidth time is rounded up once. Stepwise: each
// message's is. In both what would take less than a thousandth of a picosecond more counts as done. Pieces are rounded
// up to whole bytes before.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "sim/base/error.h"
#include "sim/collective/play.h"
#include "tests/collective/machines.h"

namespace orrery {
using machines::Wire;

namespace {

__extension__ typedef __int128 Wide;

// ⌈bytes·10¹²/bandwidth − 1/1000⌉ in whole numbers.
std::int64_t moved(std::int64_t bytes, std::int64_t bandwidth) {
  const Wide numerator = static_cast<Wide>(bytes) * 1'000'000'000'000'000 - bandwidth;
  if (numerator <= 0) return 0;
  const Wide denominator = static_cast<Wide>(bandwidth) * 1000;
  return static_cast<std::int64_t>((numerator + denominator - 1) / denominator);
}

std::int64_t pieces(std::int64_t bytes, std::int64_t count) { return (bytes + count - 1) / count; }

// A machine, and collectives over its chips 0 … n−1.
class Bench {
 public:
  explicit Bench(Fabric fabric, CommunicationCosts costs = {})
      : fabric_(std::move(fabric)), routes_(fabric_), resources_(fabric_), costs_(costs) {
    for (std::size_t c = 0; c < fabric_.chip_count(); ++c) {
      members_.emplace_back(c);
      group_.node.push_back(fabric_.node_of(ChipId(c)));
    }
  }
  Schedule schedule(std::string_view algorithm, CollectiveKind kind, std::int64_t bytes) {
    return CollectiveAlgorithms::find(algorithm)->write(kind, group_, Bytes(bytes));
  }
  std::vector<FluidPhase> phases(const Schedule& schedule) {
    return lower_fluid(schedule, members_, costs_, routes_, resources_);
  }
  StepwiseMessages messages(const Schedule& schedule) {
    return lower_stepwise(schedule, members_, costs_, routes_, resources_);
  }
  std::unique_ptr<Network> network(std::string_view model = "fluid") {
    return Networks::find(model)->make(resources_.wires());
  }
  std::int64_t fluid(std::string_view algorithm, CollectiveKind kind, std::int64_t bytes) {
    return play_fluid(phases(schedule(algorithm, kind, bytes)), *network()).ps();
  }
  std::int64_t stepwise(std::string_view algorithm, CollectiveKind kind, std::int64_t bytes) {
    return play_stepwise(messages(schedule(algorithm, kind, bytes)), *network()).ps();
  }
  const Resources& resources() const { return resources_; }
  const Fabric& fabric() const { return fabric_; }

 private:
  Fabric fabric_;
  Routes routes_;
  Resources resources_;
  CommunicationCosts costs_;
  std::vector<ChipId> members_;
  Group group_;
};

constexpr std::int64_t kLaunch = 5'000'000;
constexpr std::int64_t kStep = 300'000;

CommunicationCosts costs(double engine_share = 0, double hbm_per_byte = 1) {
  CommunicationCosts costs;
  costs.launch = Duration::picoseconds(kLaunch);
  costs.step = Duration::picoseconds(kStep);
  costs.engine_share = engine_share;
  costs.hbm_per_byte = hbm_per_byte;
  return costs;
}

// The nodes of single_switch are one, so that the ring is one; `circle` has a node for each chip: one ring as well.
void check_ring(Bench& bench, std::int64_t n, std::int64_t alpha, std::int64_t bandwidth, std::int64_t bytes) {
  CAPTURE(n);
  CAPTURE(bandwidth);
  CAPTURE(bytes);
  const std::int64_t piece = pieces(bytes, n);
  for (const auto& [kind, repeats] : std::map<CollectiveKind, std::int64_t>{{CollectiveKind::kAllReduce, 2 * (n - 1)},
                                                                            {CollectiveKind::kAllGather, n - 1},
                                                                            {CollectiveKind::kReduceScatter, n - 1}}) {
    CAPTURE(to_name(kind));
    CHECK(bench.fluid("ring", kind, bytes) == kLaunch + repeats * alpha + moved(repeats * piece, bandwidth));
    CHECK(bench.stepwise("ring", kind, bytes) == kLaunch + repeats * (alpha + moved(piece, bandwidth)));
  }
}

}  // namespace

TEST_CASE("ring on one switch and on a circle: the closed forms, from 2 to 64 chips") {
  for (const std::int64_t n : {2, 3, 4, 5, 7, 8, 16, 33, 64}) {
    // 40 ps, 20/9 ps, 10/3 ps and 1000/97 ps a byte.
    for (const std::int64_t bandwidth : {25'000'000'000, 450'000'000'000, 300'000'000'000, 97'000'000'000}) {
      const Wire wire{bandwidth, 700};
      Bench one_switch(machines::single_switch(static_cast<std::size_t>(n), wire), costs());
      Bench circle(machines::circle(static_cast<std::size_t>(n), wire), costs());
      for (const std::int64_t bytes : {0L, 1L, 1000L, 1L << 20, 123'456'789L, 10'000'000'019L}) {
        check_ring(one_switch, n, 2 * 700 + kStep, bandwidth, bytes);
        check_ring(circle, n, 700 + kStep, bandwidth, bytes);
      }
    }
  }
}

TEST_CASE("direct on one switch: one hop for each half") {
  for (const std::int64_t n : {2, 3, 8, 17}) {
    const std::int64_t bandwidth = 300'000'000'000;
    Bench bench(machines::single_switch(static_cast<std::size_t>(n), {bandwidth, 700}), costs());
    const std::int64_t alpha = 2 * 700 + kStep;
    for (const std::int64_t bytes : {0L, 1L, 1000L, 123'456'789L}) {
      CAPTURE(n);
      CAPTURE(bytes);
      // Each sends n − 1 pieces over its one link, all at once.
      const std::int64_t half = alpha + moved((n - 1) * pieces(bytes, n), bandwidth);
      for (const CollectiveKind kind :
           {CollectiveKind::kAllGather, CollectiveKind::kReduceScatter, CollectiveKind::kAllToAll}) {
        CHECK(bench.fluid("direct", kind, bytes) == kLaunch + half);
        CHECK(bench.stepwise("direct", kind, bytes) == kLaunch + half);
      }
      CHECK(bench.fluid("direct", CollectiveKind::kAllReduce, bytes) == kLaunch + 2 * half);
      CHECK(bench.stepwise("direct", CollectiveKind::kAllReduce, bytes) == kLaunch + 2 * half);
      const std::int64_t to_each = kLaunch + alpha + moved((n - 1) * bytes, bandwidth);
      CHECK(bench.fluid("direct", CollectiveKind::kBroadcast, bytes) == to_each);
      CHECK(bench.stepwise("direct", CollectiveKind::kBroadcast, bytes) == to_each);
    }
  }
}

TEST_CASE("broadcast down a chain: chunks follow each other") {
  for (const std::int64_t n : {2, 3, 8}) {
    const std::int64_t bandwidth = 25'000'000'000;  // 40 ps a byte: every time is whole
    Bench bench(machines::circle(static_cast<std::size_t>(n), {bandwidth, 700}), costs());
    for (const std::int64_t bytes : {1L, 1000L, 10L << 20, 123'456'789L}) {
      CAPTURE(n);
      CAPTURE(bytes);
      const std::int64_t chunks = pieces(bytes, 512 << 10);
      const std::int64_t chunk = pieces(bytes, chunks);
      // Latency counts once a hop: a chunk leaves before it arrives, and the next one follows it.
      const std::int64_t expected = kLaunch + (n - 1) * (700 + kStep) + (chunks + n - 2) * chunk * 40;
      CHECK(bench.stepwise("ring", CollectiveKind::kBroadcast, bytes) == expected);
      CHECK(bench.fluid("ring", CollectiveKind::kBroadcast, bytes) == expected);
    }
  }
}

TEST_CASE("send/recv is one message") {
  Bench bench(machines::single_switch(2, {25'000'000'000, 700}), costs());
  for (const char* algorithm : {"ring", "direct"}) {
    CHECK(bench.fluid(algorithm, CollectiveKind::kSendRecv, 1'000'001) == kLaunch + 1400 + kStep + 40'000'040);
    CHECK(bench.stepwise(algorithm, CollectiveKind::kSendRecv, 1'000'001) == kLaunch + 1400 + kStep + 40'000'040);
  }
}

TEST_CASE("rails: with a ring for each member every NIC carries its part") {
  for (const auto& [nodes, each] : std::vector<std::pair<std::size_t, std::size_t>>{{2, 2}, {4, 4}, {2, 8}, {4, 3}}) {
    CAPTURE(nodes);
    CAPTURE(each);
    const Wire inside{300'000'000'000, 200};
    const Wire rail{25'000'000'000, 900};
    Bench bench(machines::rails(nodes, each, inside, rail), costs());
    const auto n = static_cast<std::int64_t>(nodes * each);
    const std::int64_t bytes = 800'000'000;
    const std::int64_t piece = pieces(bytes, n * static_cast<std::int64_t>(each));
    // Between nodes: chip, NIC, leaf, NIC, chip. Inside: chip, switch, chip. A piece goes round twice less two hops in
    // a row, of which one is between nodes where there are no two inside side by side. A NIC takes 40 ps a byte.
    const std::int64_t between = 2 * 200 + 2 * 900 + kStep;
    const std::int64_t within = 2 * 200 + kStep;
    const auto crossings = static_cast<std::int64_t>(2 * nodes - (each == 2 ? 1 : 0));
    const std::int64_t chain = crossings * between + (2 * (n - 1) - crossings) * within;
    const std::int64_t fluid = bench.fluid("ring", CollectiveKind::kAllReduce, bytes);
    CHECK(fluid == kLaunch + chain + 2 * (n - 1) * piece * 40);
    // Stepwise the hops inside a node are done sooner.
    CHECK(bench.stepwise("ring", CollectiveKind::kAllReduce, bytes) <= fluid);
  }
}

TEST_CASE("the memory's share: read at the sender, written at the receiver, read once more to add") {
  // Links are fast, the HBM does 2 bytes/ns: 500 ps a byte. Per byte sent a rank reads 1 and writes 1; half of what an
  // all-reduce sends is added: 2.5 bytes.
  const std::int64_t n = 4;
  Bench bench(machines::single_switch(4, {1'000'000'000'000, 700}, 2'000'000'000), costs());
  const std::int64_t bytes = 4'000'000;
  CHECK(bench.fluid("ring", CollectiveKind::kAllReduce, bytes) ==
        kLaunch + 2 * (n - 1) * (1400 + kStep) + 2 * (n - 1) * (bytes / n) * 1250);
  CHECK(bench.fluid("ring", CollectiveKind::kAllGather, bytes) ==
        kLaunch + (n - 1) * (1400 + kStep) + (n - 1) * (bytes / n) * 1000);
  CHECK(bench.stepwise("ring", CollectiveKind::kAllReduce, bytes) ==
        kLaunch + (n - 1) * (2 * (1400 + kStep) + (bytes / n) * (1500 + 1000)));
}

TEST_CASE("engine share: alone a collective takes just that much of each member's engine") {
  Bench bench(machines::single_switch(4, {25'000'000'000, 700}), costs(0.125));
  const Schedule schedule = bench.schedule("ring", CollectiveKind::kAllReduce, 1 << 20);
  const std::vector<FluidPhase> phases = bench.phases(schedule);
  REQUIRE(phases.size() == 1);
  const auto network = bench.network();
  network->start({phases[0].uses, 1, phases[0].weight, {}, 0}, Time());
  (void)network->next_event();
  for (std::size_t c = 0; c < 4; ++c)
    CHECK(network->load(bench.resources().engine(ChipId(c))) == doctest::Approx(0.125).epsilon(1e-12));
  CHECK(bench.fluid("ring", CollectiveKind::kAllReduce, 1 << 20) == kLaunch + 6 * (1400 + kStep) + 6 * (1 << 18) * 40);
  CHECK(bench.stepwise("ring", CollectiveKind::kAllReduce, 1 << 20) ==
        kLaunch + 6 * (1400 + kStep) + 6 * (1 << 18) * 40);
}

TEST_CASE("both granularities draw the same of every resource") {
  for (const char* algorithm : {"ring", "direct"}) {
    for (const CollectiveKind kind :
         {CollectiveKind::kAllReduce, CollectiveKind::kReduceScatter, CollectiveKind::kBroadcast}) {
      CAPTURE(algorithm);
      CAPTURE(to_name(kind));
      Bench bench(machines::rails(2, 3, {300'000'000'000, 200}, {25'000'000'000, 900}), costs(0.1, 1.5));
      const Schedule schedule = bench.schedule(algorithm, kind, 7'654'321);
      std::vector<double> fluid(bench.resources().size(), 0);
      for (const FluidPhase& phase : bench.phases(schedule)) {
        CHECK(std::is_sorted(phase.uses.begin(), phase.uses.end(),
                             [](const Use& a, const Use& b) { return a.resource < b.resource; }));
        for (const Use& use : phase.uses) {
          CHECK(use.amount > 0);
          CHECK(fluid[use.resource.index()] >= 0);
          fluid[use.resource.index()] += use.amount;
        }
      }
      std::vector<double> stepwise(bench.resources().size(), 0);
      const StepwiseMessages messages = bench.messages(schedule);
      for (std::uint32_t m = 0; m < messages.messages.size(); ++m) {
        const Message& message = messages.messages[m];
        for (std::uint32_t k = 0; k < message.use_count; ++k) {
          const Use& use = messages.uses[message.first_use + k];
          stepwise[use.resource.index()] += use.amount * message.bytes.as_double();
        }
        for (std::uint32_t k = 0; k < message.after_count; ++k) CHECK(messages.after[message.first_after + k] < m);
      }
      std::size_t used = 0;
      for (std::size_t r = 0; r < fluid.size(); ++r) {
        CHECK(stepwise[r] == doctest::Approx(fluid[r]).epsilon(1e-9));
        if (fluid[r] > 0) ++used;
      }
      CHECK(used > 6 * 2);
      // Links inside the package have no part of their own.
      for (std::size_t l = 0; l < bench.fabric().links().size(); ++l)
        if (bench.fabric().links()[LinkId(l)].kind == LinkKind::kOnPackage)
          CHECK(fluid[bench.resources().link(LinkId(l)).index()] == 0);
    }
  }
}

TEST_CASE("a message knows the links that it crosses, in order of travel") {
  Bench bench(machines::rails(2, 2, {300'000'000'000, 200}, {25'000'000'000, 900}), costs());
  const Schedule schedule = bench.schedule("direct", CollectiveKind::kAllGather, 4'000);
  const StepwiseMessages messages = bench.messages(schedule);
  std::size_t sent = 0;
  for (std::uint32_t m = 0; m < messages.messages.size(); ++m) {
    const Activity activity = messages.activity(m, messages.messages[m].latency, 7);
    if (activity.bytes == Bytes(0)) continue;
    ++sent;
    CHECK(activity.tag == 7);
    CHECK(activity.amount == activity.bytes.as_double());
    REQUIRE(activity.paths.size() == 1);
    CHECK(activity.paths[0].share == 1);
    CHECK(activity.paths[0].links == activity.links.size());
    Duration latency;
    const std::size_t first_link = 2 * bench.fabric().chip_count();
    VertexId at;
    for (const ResourceId id : activity.links) {
      const Link& link = bench.fabric().links()[LinkId(id.index() - first_link)];
      if (at.valid()) CHECK(link.from == at);
      at = link.to;
      latency += link.latency;
      CHECK(std::count_if(activity.uses.begin(), activity.uses.end(),
                          [&](const Use& use) { return use.resource == id; }) == 1);
    }
    CHECK(bench.fabric().engine(ChipId(static_cast<std::size_t>(messages.messages[m].to))) == at);
    CHECK(activity.latency >= latency);
  }
  CHECK(sent == 12);
  for (const FluidPhase& phase : bench.phases(schedule)) CHECK(phase.paths.empty());
  const auto alone = bench.phases({{Step{{Transfer{.from = 0, .to = 3}}, Bytes(5), 1}}});
  REQUIRE(alone.size() == 1);
  CHECK(alone[0].paths.size() == 1);
  CHECK(alone[0].links.size() >= 4);
  CHECK(alone[0].bytes == Bytes(5));
}

TEST_CASE("two collectives on the same links take turns by halves") {
  // All-gathers of 4 chips, both over the same links at 40 ps a byte: 3 pieces of 1,000 and of 3,000 bytes. Flows are
  // equal: the first is done when both have moved 3,000 bytes, the second moves the other 6,000 alone.
  Bench bench(machines::single_switch(4, {25'000'000'000, 0}));
  const auto small = bench.phases(bench.schedule("ring", CollectiveKind::kAllGather, 4'000));
  const auto large = bench.phases(bench.schedule("ring", CollectiveKind::kAllGather, 12'000));
  const auto network = bench.network();
  network->start({small[0].uses, 1, small[0].weight, {}, 1}, Time());
  network->start({large[0].uses, 1, large[0].weight, {}, 2}, Time());
  std::vector<std::uint32_t> done;
  CHECK(network->next_event() == Time::picoseconds(6'000 * 40));
  network->advance(network->next_event(), done);
  CHECK(done == std::vector<std::uint32_t>{1});
  CHECK(network->next_event() == Time::picoseconds(12'000 * 40));
}

TEST_CASE("a phase's flows count like messages: an all-reduce and a message on one link have half each") {
  Bench bench(machines::single_switch(2, {25'000'000'000, 0}));
  const auto phase = bench.phases(bench.schedule("ring", CollectiveKind::kAllReduce, 1'000'000));
  const auto message = bench.messages(bench.schedule("ring", CollectiveKind::kSendRecv, 1'000'000));
  const auto network = bench.network();
  network->start({phase[0].uses, 1, phase[0].weight, {}, 1}, Time());
  const Message& m = message.messages[0];
  network->start({std::span(message.uses).subspan(m.first_use, m.use_count), m.bytes.as_double(), 1, {}, 2}, Time());
  // 2 × 500,000 bytes of the one, 1,000,000 of the other over chip 0's link at 12.5 GB/s each: together at 80 µs.
  CHECK(network->next_event() == Time::picoseconds(80'000'000));
  std::vector<std::uint32_t> done;
  network->advance(network->next_event(), done);
  CHECK(done == std::vector<std::uint32_t>{1, 2});
}

TEST_CASE("a dead link holds a collective up for good: said, not waited for") {
  Bench bench(machines::single_switch(4, {25'000'000'000, 700}), costs(0.1));
  const Schedule schedule = bench.schedule("ring", CollectiveKind::kAllReduce, 1000);
  const auto dead = [&] {
    auto network = bench.network();
    network->set_capacity(bench.resources().link(LinkId(std::size_t{2})), 0, Time());
    return network;
  };
  CHECK_THROWS_WITH_AS((void)play_fluid(bench.phases(schedule), *dead()),
                       "phase 1 of 1 stands still: a link has no capacity", RunError);
  CHECK_THROWS_AS((void)play_stepwise(bench.messages(schedule), *dead()), RunError);
}

TEST_CASE("what is too large is refused, and latencies stop at the end of time") {
  CommunicationCosts endless_step;
  endless_step.step = Duration::max();
  Bench bench(machines::single_switch(64, {25'000'000'000, 700}), endless_step);
  Schedule endless;
  endless.steps.push_back({{{0, 1, 0, 1 << 26, false}}, Bytes(1), 1 << 26});
  CHECK_THROWS_AS((void)bench.messages(endless), RunError);
  const auto phases = bench.phases(bench.schedule("ring", CollectiveKind::kAllReduce, 1000));
  CHECK(phases[0].latency == Duration::max());
}

TEST_CASE("ideal and fluid agree on a ring that is alone, for no link is asked for more than it has") {
  Bench bench(machines::rails(2, 4, {300'000'000'000, 200}, {25'000'000'000, 900}), costs(0.1));
  const Schedule schedule = bench.schedule("ring", CollectiveKind::kAllReduce, 12'345'678);
  CHECK(play_fluid(bench.phases(schedule), *bench.network("ideal")) ==
        play_fluid(bench.phases(schedule), *bench.network("fluid")));
}

}  // namespace orrery
