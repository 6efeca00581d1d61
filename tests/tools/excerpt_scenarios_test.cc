// A scenario of five thousand chips as an excerpt of two pods and as a whole: the report says the same of both.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "sim/kernel/excerpt.h"
#include "tools/orrery/simulate.h"

namespace orrery {
namespace {

// Nodes of four chips, pods of 64, 80 of them; a job fills 72.
std::string scenario(std::string_view events, std::string_view order = "tensor, pipeline, data") {
  return fmt::format(
      "include: common/small_gpt.yaml\nstack: megatron_lm\n"
      "cluster: {{name: t, source: hypothetical, chip: a100_sxm_80gb, node_overhead: 1 kW, pue: 1.2, fabric: {{shape: "
      "fat_tree, nodes: 1280, nodes_per_leaf: 4, units_per_pod: 4, link: {{bandwidth: 25 GB/s, latency: 1 us, "
      "energy_per_byte: 100 pJ}}, spine: {{switches: 4}}, core: {{switches: 16, oversubscription: 4}}, block: {{shape: "
      "nvswitch_node, chips: 4, nics: 4, nvlink: {{bandwidth: 300 GB/s, latency: 300 ns}}, pcie: {{bandwidth: 30 GB/s, "
      "latency: 600 ns}}}}}}}}\n"
      "plan: {{tensor: 4, pipeline: 2, data: 576, microbatch: 1, batch: 2304, sequence: 512, zero: 1, order: "
      "[{}]}}\n{}",
      order, events);
}

Report report_of(const std::string& text, Extent extent, std::size_t& built) {
  const Library library({ORRERY_SOURCE_DIR});
  const auto readied = ready(
      [&](Extent most) {
        return read_scenario(library, yaml::parse(text, std::string(ORRERY_SOURCE_DIR) + "/scenarios/t.yaml"), "t", {},
                             most);
      },
      Folding::kOn, extent);
  built = readied->prepared.placement.size();
  return simulate(readied->prepared, readied->fold).report;
}

void check_alike(const std::string& text) {
  std::size_t built = 0;
  std::size_t built_whole = 0;
  const Report few = report_of(text, Extent::kExcerpt, built);
  const Report all = report_of(text, Extent::kWhole, built_whole);
  CHECK(built == 128);
  CHECK(built_whole == 4608);
  const auto near = [](double value) { return doctest::Approx(value).epsilon(1e-9); };
  CHECK(few.chips == all.chips);
  CHECK(few.step == all.step);
  CHECK(few.tokens == all.tokens);
  CHECK(few.mfu == near(all.mfu));
  CHECK(few.chi == near(all.chi));
  CHECK(few.energy.value() == near(all.energy.value()));
  CHECK(few.breakdown.ranks == all.breakdown.ranks);
  CHECK(few.breakdown.compute == all.breakdown.compute);
  CHECK(few.breakdown.bubble == all.breakdown.bubble);
  CHECK(few.breakdown.skew == all.breakdown.skew);
  CHECK(few.breakdown.communication() == all.breakdown.communication());
  REQUIRE(few.ratios.size() == all.ratios.size());
  for (std::size_t i = 0; i < few.ratios.size(); ++i) CHECK(few.ratios[i].rho == near(all.ratios[i].rho));
  REQUIRE(few.utilization.size() == all.utilization.size());
  for (std::size_t i = 0; i < few.utilization.size(); ++i) {
    CHECK(few.utilization[i].mean == near(all.utilization[i].mean));
    CHECK(few.utilization[i].highest == near(all.utilization[i].highest));
  }
  CHECK(few.bottleneck->name == all.bottleneck->name);
  CHECK(few.memory_advice == all.memory_advice);
}

}  // namespace

TEST_CASE("two of 72 pods show what all do") { check_alike(scenario("")); }

TEST_CASE("so do the pod with a slow chip and a failing link, and one other") {
  check_alike(
      scenario("events:\n  - {chip: 17, speed: 50 %}\n  - {link: [node3/nic0, unit0/leaf0], bandwidth: down, at: "
               "5 ms, until: 20 ms}\n"));
}

TEST_CASE("what an excerpt can't show is played whole") {
  std::size_t built = 0;
  SUBCASE("something happens in a pod that isn't built") {
    const Report report = report_of(scenario("events: [{chip: 4000, speed: 50 %}]"), Extent::kExcerpt, built);
    CHECK(report.disturbances.size() == 1);
  }
  SUBCASE("replicas aren't outermost") {
    static_cast<void>(report_of(scenario("", "tensor, data, pipeline"), Extent::kExcerpt, built));
  }
  SUBCASE("a hash of the pair chooses routes") {
    static_cast<void>(report_of(scenario("routing: {name: ecmp, seed: 1}"), Extent::kExcerpt, built));
  }
  SUBCASE("a pattern names chips everywhere") {
    static_cast<void>(report_of(scenario("events: [{chip: node1*, speed: 50 %}]"), Extent::kExcerpt, built));
  }
  CHECK(built == 4608);
}

}  // namespace orrery
