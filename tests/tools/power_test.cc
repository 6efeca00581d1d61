// Power over a step: the same joules as the energy account, folded and unfolded.
#include <doctest/doctest.h>

#include "sim/base/error.h"
#include "tools/orrery/simulate.h"

namespace orrery {
namespace {

Scenario scenario_of(const std::string& text, Extent extent = Extent::kWhole) {
  return read_scenario(Library({ORRERY_SOURCE_DIR}),
                       yaml::parse(text, std::string(ORRERY_SOURCE_DIR) + "/scenarios/power.yaml"), "power", {},
                       extent);
}

Simulation play_scenario(const Scenario& scenario, Folding folding) {
  const Prepared prepared(scenario);
  return simulate(prepared, fold_of(prepared, folding));
}

double joules_of(const Report& report, const std::string& name) {
  for (const Report::EnergyPart& part : report.energy_parts)
    if (part.name == name) return part.energy.value();
  return 0;
}

const std::string kPipeline =
    "cluster: dgx_h100_superpod\nmodel: llama3_8b\nstack: {}\n"
    "plan: {tensor: 2, pipeline: 2, data: 4, microbatch: 1, batch: 16, sequence: 2048, schedule: 1f1b}\n";

std::string pipeline_with(const std::string& stack) {
  std::string text = kPipeline;
  return text.replace(text.find("{}"), 2, stack);
}

}  // namespace

TEST_CASE("the mean of power over the step is the energy account's") {
  for (const char* stack : {"megatron_core", "nemo_fp8"}) {
    for (const char* more : {"", "granularity: stepwise\n", "network: alpha-beta\n"}) {
      CAPTURE(stack);
      CAPTURE(more);
      const Report report = play_scenario(scenario_of(pipeline_with(stack) + more), Folding::kOff).report;
      REQUIRE(report.power);
      const double step = report.step.in_seconds();
      CHECK(report.power->mean.value() * report.power->pue * step ==
            doctest::Approx(report.energy.value()).epsilon(1e-6));
      const double chips = joules_of(report, "idle") + joules_of(report, "hbm") + joules_of(report, "arithmetic_bf16") +
                           joules_of(report, "arithmetic_fp8");
      CHECK(report.power->chip_mean.value() * 16 * step == doctest::Approx(chips).epsilon(1e-6));
      CHECK(joules_of(report, "switch_ports") > 0);
      CHECK(report.power->chip_peak > report.power->chip_mean);
    }
  }
}

TEST_CASE("FP8 products cost their own joules, and what stays in BF16 its own") {
  const Report report = play_scenario(scenario_of(pipeline_with("nemo_fp8")), Folding::kAuto).report;
  const double fp8 = report.work.flops[static_cast<std::size_t>(Precision::kFp8)];
  const double bf16 = report.work.flops[static_cast<std::size_t>(Precision::kBf16)];
  CHECK(fp8 > bf16);
  CHECK(bf16 > 0);
  CHECK(fp8 + bf16 ==
        doctest::Approx(report.hardware_flops_per_chip.flops_per_second() * 16 * report.step.in_seconds()));
  CHECK(joules_of(report, "arithmetic_fp8") == doctest::Approx(fp8 * 0.46e-12));
  CHECK(joules_of(report, "arithmetic_bf16") == doctest::Approx(bf16 * 0.82e-12));
}

TEST_CASE("folded and unfolded runs draw the same, bin by bin") {
  const Scenario scenario = scenario_of(pipeline_with("megatron_core"));
  const Simulation whole = play_scenario(scenario, Folding::kOff);
  const Simulation folded = play_scenario(scenario, Folding::kOn);
  REQUIRE(whole.result.step == folded.result.step);
  REQUIRE(whole.power.machine.size() == folded.power.machine.size());
  for (std::size_t bin = 0; bin < whole.power.machine.size(); ++bin)
    REQUIRE(folded.power.machine[bin] == doctest::Approx(whole.power.machine[bin]).epsilon(1e-6));
  REQUIRE(whole.power.roles.size() == 2);
  for (std::size_t role = 0; role < 2; ++role)
    for (std::size_t bin = 0; bin < whole.power.machine.size(); ++bin)
      REQUIRE(folded.power.roles[role].chip[bin] == doctest::Approx(whole.power.roles[role].chip[bin]).epsilon(1e-6));
  CHECK(folded.report.power->windows[0].ramp == doctest::Approx(whole.report.power->windows[0].ramp).epsilon(1e-6));
}

TEST_CASE("a DGX H100 in training draws about 76 % of its 10.2 kW, at most 8.4 kW (arXiv 2506.14551)") {
  const Scenario scenario = load_scenario(Library({ORRERY_SOURCE_DIR}),
                                          std::string(ORRERY_SOURCE_DIR) + "/scenarios/accounts/dgx_h100_node.yaml");
  const Report report = play_scenario(scenario, Folding::kAuto).report;
  CHECK(report.power->mean.value() == doctest::Approx(0.76 * 10'200).epsilon(0.08));
  CHECK(report.power->windows[0].peak.value() < 8'400);
}

}  // namespace orrery
