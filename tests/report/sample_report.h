// A report with something in every part, in round numbers.
#pragma once

#include "sim/report/report.h"

namespace sample {

using namespace orrery;  // tests read as the code that they check

inline Report report() {
  constexpr std::int64_t kMillisecond = 1'000'000'000;
  Report r;
  r.scenario = "Sixteen chips";
  r.cluster = "Two nodes";
  r.chip = "H100";
  r.model = "Llama";
  r.stack = "Megatron";
  r.network = "fluid";
  r.granularity = "fluid";
  r.chips = 16;
  r.plan.tensor = 4;
  r.plan.pipeline = 2;
  r.plan.data = 2;
  r.plan.batch = 32;
  r.plan.zero = 1;
  r.plan.recompute = Recompute::kSelective;
  r.step = Duration::picoseconds(250 * kMillisecond);
  r.tokens = 32 * 2048;
  r.tokens_per_second = 262144;
  r.model_flops_per_chip = FlopRate::flops_per_second(400e12);
  r.hardware_flops_per_chip = FlopRate::flops_per_second(440e12);
  r.mfu = 0.40;
  r.hfu = 0.44;
  r.breakdown.ranks = 16;
  r.breakdown.compute = Int128{16 * 200} * kMillisecond;
  r.breakdown.slowed = Int128{16} * kMillisecond;
  r.breakdown.exposed = {
      {"tensor", Int128{16 * 25} * kMillisecond}, {"pipeline", 0}, {"data", Int128{16} * kMillisecond}};
  r.breakdown.bubble = Int128{16 * 20} * kMillisecond;
  r.breakdown.skew = Int128{16 * 2} * kMillisecond;
  r.breakdown.host = Int128{16 * 2} * kMillisecond;
  r.utilization = {{"matrix_engine", 0.44, 0.46, "node0/gpu1"},
                   {"hbm", 0.25, 0.30, "node0/gpu1"},
                   {"scale_up", 0.125, 0.25, "node0/gpu0 → node0/switch"},
                   {"rail", 0.01, 0.02, "node1/nic0 → leaf0"},
                   {"spine", 0, 0, ""}};
  r.ratios = {{Tier::kHbm, 512, 256, 2}, {Tier::kScaleUp, 2048, 1638.4, 1.25}, {Tier::kRail, 1e6, 20000, 50}};
  r.least = r.ratios[1];
  r.chi = 0.104;
  r.memory.stage = 1;
  r.memory.categories = {{"weights", Bytes(std::int64_t{8} << 30)}, {"activations", Bytes(std::int64_t{16} << 30)}};
  r.memory.capacity = Bytes(std::int64_t{80} << 30);
  r.energy = Joules(3200);
  r.energy_parts = {{"idle", Joules(800)}, {"arithmetic_bf16", Joules(1600)}, {"node_overhead", Joules(800)}};
  r.work.flops[static_cast<std::size_t>(Precision::kBf16)] = 1.76e15;
  r.work.hbm_bytes = 4e12;
  r.work.link_bytes[static_cast<std::size_t>(LinkKind::kNvlink)] = 1e12;
  r.power = Report::Power{
      .pue = 1.25,
      .mean = Watts(10'240),
      .windows = {{"50 ms", Duration::picoseconds(50 * kMillisecond), Watts(11'000), Watts(8'952), 40'000}},
      .chip_mean = Watts(480),
      .chip_peak = Watts(620),
      .chip_peak_window = Duration::picoseconds(kMillisecond),
      .chip_peak_role = "stage 1",
      .chip_limit = Watts(700)};
  CostTerms terms;
  terms.chip = Dollars(30'000);
  terms.node = Dollars(20'000);
  terms.life = 4;
  terms.utilisation = 0.8;
  terms.dollars_per_kwh = 0.12;
  terms.source = "a book";
  r.cost_terms = terms;
  r.step_cost = {Dollars(0.002), Dollars(0.0005), Dollars(0.0015), Dollars()};
  r.run = Report::Run{.steps = 1'000'000,
                      .epochs = 2,
                      .tokens = 65'536e6,
                      .seconds = 250'000,
                      .model_flops = FlopCount(1.6e21),
                      .parameter_flops = FlopCount(1.5e21),
                      .energy = Joules(3.2e9),
                      .cost = {Dollars(2000), Dollars(500), Dollars(1500), Dollars()}};
  r.bottleneck = Report::Bottleneck{"exposed tensor communication", Duration::picoseconds(25 * kMillisecond),
                                    "a scale-up link twice as fast would save at most 5.0 % of the step"};
  r.measured = Measured{Duration::picoseconds(240 * kMillisecond), FlopRate::flops_per_second(410e12), std::nullopt,
                        "Doe et al. 2024, Table 1"};
  r.error = 10.0 / 240;
  r.events = 123456;
  r.warnings = {"x.yaml:1: 'zero' changes nothing"};
  return r;
}

}  // namespace sample
