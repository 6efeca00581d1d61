// Scenarios at random, read as a user's: folded and unfolded, every rank's every op begins and ends alike.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <map>
#include <tuple>

#include "tests/kernel/play.h"
#include "tools/orrery/simulate.h"
#include "workloads/optimizers/optimizer.h"
#include "workloads/schedules/schedule.h"

namespace orrery {
namespace {

// Shapes of 32 chips or some more, with names of two links and whether nodes lie on rails.
struct Machine {
  std::string fabric;
  std::vector<std::string> links;  // as events name them
};

const std::string kWire = "link: {bandwidth: 25 GB/s, latency: 1 us}";
const std::string kNode =
    "block: {shape: nvswitch_node, chips: 4, nics: 4, nvlink: {bandwidth: 300 GB/s, latency: 300 ns}, pcie: "
    "{bandwidth: "
    "30 GB/s, latency: 600 ns}}";

std::vector<Machine> machines() {
  return {
      {"{shape: rail_fat_tree, nodes: 12, nodes_per_unit: 4, " + kWire + ", spine: {switches: 2}, " + kNode + "}",
       {"[node0/nic1, unit0/leaf1]", "[unit0/leaf0, pod0/spine1]"}},
      {"{shape: fat_tree, nodes: 12, nodes_per_leaf: 2, units_per_pod: 2, " + kWire +
           ", spine: {switches: 4, oversubscription: 2}, core: {switches: 4}, " + kNode + "}",
       {"[node3/nic0, unit1/leaf0]", "[pod0/spine0, core0]"}},
      {"{shape: torus, size: [4, 3, 4], " + kWire + "}", {"[chip0, chip1]", "[chip5, chip9]"}},
      {"{shape: dragonfly, groups: 4, routers: 3, blocks_per_router: 3, global_links: 1, " + kWire + "}",
       {"[chip0, group0/router0]", "[group1/router0, group1/router1]"}},
      {"{shape: hyperx, size: [3, 4], blocks_per_switch: 3, " + kWire + "}", {"chip0", "chip7"}},
      {"{shape: single_switch, blocks: 36, " + kWire + "}", {"chip0", "chip7"}},
  };
}

std::string any_events(const Machine& machine, std::int64_t chips) {
  std::string events;
  const auto count = *rc::gen::inRange(0, 3);
  for (int i = 0; i < count; ++i) {
    const auto at = *rc::gen::inRange(0, 40);
    const auto until = at + *rc::gen::inRange(1, 40);
    if (*rc::gen::inRange(0, 2) == 0)
      events += fmt::format("  - {{chip: {}, speed: {} %, at: {} ms, until: {} ms}}\n",
                            *rc::gen::inRange<std::int64_t>(0, chips), *rc::gen::inRange(20, 100), at, until);
    else
      events += fmt::format("  - {{link: {}, bandwidth: {} %, at: {} ms, until: {} ms}}\n",
                            *rc::gen::elementOf(machine.links), *rc::gen::element(0, 10, 50), at, until);
  }
  return events.empty() ? "" : "events:\n" + events;
}

std::string any_scenario() {
  const Machine machine = *rc::gen::elementOf(machines());
  const auto tensor = *rc::gen::element(1, 2, 4);
  const auto pipeline = *rc::gen::element(1, 2, 4);
  const auto context = *rc::gen::element(1, 1, 2);
  const int replica = tensor * pipeline * context;
  // As many chips are built as are used: at least those that events name.
  const auto data = *rc::gen::inRange(std::max(1, 16 / replica), std::max(1, 32 / replica) + 1);
  const auto schedule = *rc::gen::suchThat(rc::gen::elementOf(PipelineSchedules::all()), [&](const auto* any) {
    return pipeline % any->multiple == 0 && (pipeline > 1 || !any->interleaves);
  });
  const auto microbatches = *rc::gen::inRange(std::max(1, schedule->least), 4) * pipeline;
  const auto zero = *rc::gen::inRange(0, schedule->splits ? 2 : 4);
  const auto optimizer = *rc::gen::suchThat(rc::gen::elementOf(Optimizers::all()),
                                            [&](const auto* any) { return zero < 2 || !any->matrices; });
  std::vector<std::string> order = {"tensor", "data", "pipeline", "context"};
  for (std::size_t i = 0; i < order.size(); ++i) std::swap(order[i], order[*rc::gen::inRange(i, order.size())]);
  return fmt::format(
             "include: common/small_gpt.yaml\nstack: {}\nnetwork: fluid\nplacement: {}\nrouting: {}\n"
             "cluster: {{name: t, source: hypothetical, chip: a100_sxm_80gb, fabric: {}}}\n"
             "plan: {{tensor: {}, pipeline: {}, data: {}, context: {}, context_exchange: {}, overlap_weights: {}, "
             "microbatch: 1, batch: {}, sequence: 512, schedule: {}, "
             "interleave: {}, sequence_parallel: {}, zero: {}, optimizer: {}, recompute: {}, "
             "order: [{}, {}, {}, {}]}}\n",
             context > 1 ? "megatron_core" : "megatron_lm", *rc::gen::elementOf(Placements::names()),
             *rc::gen::elementOf(std::vector<std::string>{"minimal", "{name: ecmp, seed: 5}", "spray"}), machine.fabric,
             tensor, pipeline, data, context,
             *rc::gen::elementOf(std::vector<std::string>{"ring", "all_gather", "all_to_all"}),
             *rc::gen::inRange(0, 2) == 0, microbatches * data, schedule->name, schedule->interleaves ? 2 : 1,
             tensor > 1 && *rc::gen::inRange(0, 2) == 0, zero, optimizer->name,
             *rc::gen::elementOf(std::vector<std::string>{"none", "selective", "full"}), order[0], order[1], order[2],
             order[3]) +
         any_events(machine, static_cast<std::int64_t>(replica) * data);
}

using Moments = std::map<std::pair<std::uint32_t, std::uint32_t>, std::tuple<Time, Time, Time>>;

Moments moments(const Prepared& prepared, const std::optional<Fold>& fold) {
  play::Collector collector;
  Watchers watchers;
  std::vector<RankId> all;
  for (std::size_t r = 0; r < prepared.placement.size(); ++r) all.emplace_back(r);
  watchers.members.push_back({&collector, all});
  static_cast<void>(simulate(prepared, fold, watchers));
  Moments found;
  for (const Span& span : collector.spans)
    found.emplace(std::pair(span.rank.index(), span.op), std::tuple(span.ready, span.begin, span.end));
  return found;
}

bool near(Time a, Time b) { return std::abs((a - b).ps()) <= 1; }

}  // namespace

TEST_CASE("random shapes, plans, placements, routings, slow chips and failing links: folded and unfolded are alike") {
  CHECK(rc::check("scenarios", [] {
    const std::string text = any_scenario();
    RC_LOG(text);
    const Library library({ORRERY_SOURCE_DIR});
    const Scenario scenario =
        read_scenario(library, yaml::parse(text, std::string(ORRERY_SOURCE_DIR) + "/scenarios/random.yaml"), "random");
    const Prepared prepared(scenario);
    const std::optional<Fold> fold = fold_of(prepared, Folding::kOn);
    const Moments whole = moments(prepared, std::nullopt);
    const Moments folded = moments(prepared, fold);
    RC_ASSERT(whole.size() == folded.size());
    for (const auto& [at, times] : whole) {
      const auto twin = folded.find(at);
      RC_ASSERT(twin != folded.end());
      RC_ASSERT(near(std::get<0>(times), std::get<0>(twin->second)));
      RC_ASSERT(near(std::get<1>(times), std::get<1>(twin->second)));
      RC_ASSERT(near(std::get<2>(times), std::get<2>(twin->second)));
    }
  }));
}

}  // namespace orrery
