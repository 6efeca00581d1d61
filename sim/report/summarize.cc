// Turns what a run measured into the figures of a report. The definitions stand in report.h.
#include <algorithm>

#include "sim/kernel/excerpt.h"
#include "sim/network/resources.h"
#include "sim/report/bottleneck.h"
#include "sim/report/compute_work.h"
#include "sim/report/energy.h"
#include "sim/report/report.h"
#include "sim/report/traffic.h"

namespace orrery {
namespace {

double quotient(double numerator, double denominator) { return denominator > 0 ? numerator / denominator : 0; }

FlopRate peak_of(const Scenario& scenario) {
  if (scenario.workload) return scenario.workload->engine().peak(scenario.cluster->fabric.chip_spec());
  return scenario.cluster->fabric.chip_spec().matrix_peak[static_cast<std::size_t>(scenario.stack.products())];
}

// What the best matrix product gets: sustained clock, best tile.
FlopRate achievable_rate(const Scenario& scenario) {
  const Chip& chip = scenario.cluster->fabric.chip_spec();
  if (scenario.workload) return scenario.workload->engine().achievable(chip);
  double tile = 0;
  for (const Tile& one : chip.tiles) tile = std::max(tile, one.efficiency);
  return peak_of(scenario) * (chip.sustained_clock * scenario.stack.products_share() * (chip.tiles.empty() ? 1 : tile));
}

const std::string& name_of(const Fabric& fabric, ChipId chip) { return fabric.vertices()[fabric.engine(chip)].name; }

Report::Utilization engine_utilization(const std::string& name, const Program& program, const Fabric& fabric,
                                       const Placement& placement, const ComputeWork& work, Duration step) {
  Report::Utilization use{name, quotient(work.matrix, step.in_seconds()), 0, ""};
  for (std::size_t r = 0; r < program.role_of_rank.size(); ++r) {
    const double here = quotient(work.matrix_of_role[program.role_of_rank[r]], step.in_seconds());
    if (here <= use.highest) continue;
    use.highest = here;
    use.busiest = name_of(fabric, placement[RankId(r)]);
  }
  return use;
}

struct HbmUse {
  Report::Utilization utilization;
  double bytes_per_chip = 0;
};

HbmUse hbm_use(const Fabric& fabric, const Placement& placement, const RunResult& result) {
  const Resources resources(fabric);
  HbmUse use;
  use.utilization.name = "hbm";
  const auto chips = static_cast<double>(placement.size());
  for (const ChipId chip : placement) {
    const std::uint32_t hbm = resources.hbm(chip).index();
    const double bytes = result.resource_work[hbm];
    const double here = quotient(bytes, resources.capacities()[hbm] * result.step.in_seconds());
    use.bytes_per_chip += bytes / chips;
    use.utilization.mean += here / chips;
    if (here <= use.utilization.highest) continue;
    use.utilization.highest = here;
    use.utilization.busiest = name_of(fabric, chip);
  }
  return use;
}

// `flops` and `bytes` a chip, `rate` in bytes/s.
Report::Ratio ratio_of(Tier tier, FlopCount flops, FlopRate achievable, double bytes, double rate) {
  Report::Ratio ratio{tier, flops.count() / bytes, achievable.flops_per_second() / rate, 0};
  ratio.rho = quotient(ratio.flops_per_byte, ratio.machine_balance);
  return ratio;
}

void summarize_machine(const Scenario& scenario, const Program& program, const Placement& placement,
                       const RunResult& result, const ComputeWork& work, FlopCount useful, Report& report) {
  const Fabric& fabric = scenario.cluster->fabric;
  const FlopRate achievable = achievable_rate(scenario);
  report.utilization.push_back(engine_utilization(report.vector_engine ? "vector_engine" : "matrix_engine", program,
                                                  fabric, placement, work, result.step));
  const HbmUse hbm = hbm_use(fabric, placement, result);
  report.utilization.push_back(hbm.utilization);
  const Hbm& spec = fabric.chip_spec().hbm;
  if (hbm.bytes_per_chip > 0)
    report.ratios.push_back(
        ratio_of(Tier::kHbm, useful, achievable, hbm.bytes_per_chip, spec.bandwidth.as_double() * spec.efficiency));
  for (const TierTraffic& traffic : tier_traffic(fabric, placement, result)) {
    const Link& busiest = fabric.links()[traffic.busiest];
    const bool idle = traffic.highest_utilization <= 0;
    report.utilization.push_back(
        {std::string(to_name(traffic.tier)), traffic.mean_utilization, traffic.highest_utilization,
         idle ? "" : fabric.vertices()[busiest.from].name + " → " + fabric.vertices()[busiest.to].name});
    if (traffic.bytes_per_chip > 0)
      report.ratios.push_back(
          ratio_of(traffic.tier, useful, achievable, traffic.bytes_per_chip, traffic.rate_per_chip));
  }
  const auto least = std::min_element(report.ratios.begin(), report.ratios.end(),
                                      [](const Report::Ratio& a, const Report::Ratio& b) { return a.rho < b.rho; });
  if (least != report.ratios.end()) report.least = *least;
}

// The step that was measured, in seconds; 0 if nothing says.
double measured_seconds(const Measured& measured, const StepFlops& flops, double chips) {
  if (measured.step) return measured.step->in_seconds();
  if (measured.model_flops_per_chip)
    return quotient(flops.model.count(), measured.model_flops_per_chip->flops_per_second() * chips);
  if (measured.hardware_flops_per_chip)
    return quotient(flops.hardware.count(), measured.hardware_flops_per_chip->flops_per_second() * chips);
  return 0;
}

constexpr double kFlopsPerParameterAndToken = 6;  // a multiply-add forward and two backward

// The step's cost and, where the scenario says how long it trains, the run's. `model_flops`: of a step.
void add_cost(const Scenario& scenario, FlopCount model_flops, Report& report) {
  const double step = report.step.in_seconds();
  const auto chips = static_cast<double>(report.chips);
  report.cost_terms = scenario.cost ? scenario.cost : scenario.cluster->cost;
  if (report.cost_terms) {
    report.step_cost = cost_of(*report.cost_terms, chips, step, report.energy);
    if (report.cost_terms->charge == CostTerms::Charge::kOwn) report.step_cost.capital = Dollars();
  }
  if (!scenario.run) return;
  Report::Run run;
  const auto steps = static_cast<double>(scenario.run->steps);
  run.steps = scenario.run->steps;
  run.epochs = scenario.run->epochs;
  run.tokens = steps * static_cast<double>(report.tokens);
  run.seconds = steps * step;
  run.model_flops = model_flops * steps;
  run.parameter_flops =
      FlopCount(kFlopsPerParameterAndToken * static_cast<double>(scenario.model.parameters()) * run.tokens);
  run.energy = report.energy * steps;
  if (report.cost_terms) run.cost = cost_of(*report.cost_terms, chips, run.seconds, run.energy);
  report.run = run;
}

}  // namespace

Report summarize(const Scenario& scenario, const Program& program, const RunResult& result,
                 const Breakdown& breakdown) {
  const Fabric& fabric = scenario.cluster->fabric;
  const Placement placement = placement_of(scenario);
  const ComputeWork work = compute_work(program, fabric.chip_spec());
  const StepFlops flops = step_flops(program);
  const double step = result.step.in_seconds();
  const auto chips = static_cast<double>(placement.size());
  const double times = ranks_per_rank(program);

  Report report;
  report.scenario = scenario.name;
  report.cluster = scenario.cluster->name;
  report.chip = fabric.chip_spec().name;
  report.model = scenario.model.name;
  report.stack = scenario.stack.name;
  report.network = scenario.network;
  report.routing = scenario.routing;
  report.granularity = to_name(scenario.granularity);
  report.chips = static_cast<std::size_t>(scenario.plan.chips());
  report.traced = scenario.traced != nullptr;
  report.plan = scenario.plan;
  if (scenario.workload) {
    report.family = scenario.workload->family();
    report.layout = scenario.workload->plan();
    report.sample = scenario.workload->sample();
    report.vector_engine = scenario.workload->engine().vector;
  }
  report.step = result.step;
  if (!scenario.workload) report.sample = scenario.model.sample();
  const bool whole_samples = scenario.workload != nullptr || scenario.model.image.has_value();
  report.tokens = report.traced ? 0 : scenario.plan.batch * (whole_samples ? 1 : scenario.plan.sequence);
  report.tokens_per_second = quotient(static_cast<double>(report.tokens), step);
  report.model_flops_per_chip = FlopRate::flops_per_second(quotient(flops.model.count(), step * chips));
  report.hardware_flops_per_chip = FlopRate::flops_per_second(quotient(flops.hardware.count(), step * chips));
  const double peak = peak_of(scenario).flops_per_second();
  report.mfu = quotient(report.model_flops_per_chip.flops_per_second(), peak);
  report.hfu = quotient(report.hardware_flops_per_chip.flops_per_second(), peak);
  report.breakdown = breakdown;
  report.chi = quotient(breakdown.mean_seconds(breakdown.communication()), step);
  summarize_machine(scenario, program, placement, result, work, FlopCount(quotient(flops.model.count(), chips)),
                    report);
  if (!report.traced) {
    report.memory = memory_of(scenario);
    report.memory_advice = advice_of(scenario);
  }
  report.work = step_work(program, fabric, placement, result, scenario.stack.compute);
  report.energy_parts = energy_parts(scenario, placement, result, report.work);
  report.work.scale(times);
  for (Report::EnergyPart& part : report.energy_parts) {
    part.energy = part.energy * times;
    report.energy += part.energy;
  }
  add_cost(scenario, flops.model * times, report);
  report.bottleneck = find_bottleneck(scenario, program, placement, breakdown, work, result.step);
  for (const Event& event : scenario.events) report.disturbances.push_back(event.told);
  for (const Background& background : scenario.background) report.disturbances.push_back(background.told);
  report.measured = scenario.measured;
  if (report.measured) {
    const double measured = measured_seconds(*report.measured, flops, chips);
    report.error = measured > 0 ? (step - measured) / measured : 0;
  }
  report.events = result.events;
  report.warnings = scenario.warnings;
  return report;
}

}  // namespace orrery
