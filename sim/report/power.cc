// From spans to joules by time, and from those to peaks, troughs and ramps.
#include "sim/report/power.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/kernel/excerpt.h"
#include "sim/report/energy.h"

namespace orrery {
namespace {

constexpr Duration kUtilityWindow = Duration::microseconds(50'000);
constexpr Duration kChipWindow = Duration::microseconds(1'000);
constexpr std::int64_t kPartsOfAShortStep = 16;

std::int64_t nanojoules(double joules) { return std::llround(joules * 1e9); }

// Watts by bin; the last bin ends with the step.
std::vector<double> watts_of(const EnergySeries& series, Duration step, Duration width, double steady, double share) {
  const EnergySeries wide = series.widened(width);
  std::vector<double> watts;
  for (std::int64_t from = 0; from < step.ps(); from += width.ps()) {
    const double seconds = Duration::picoseconds(std::min(width.ps(), step.ps() - from)).in_seconds();
    const std::size_t bin = watts.size();
    const double joules = bin < wide.bins().size() ? static_cast<double>(wide.bins()[bin]) * 1e-9 : 0;
    watts.push_back(steady + joules * share / seconds);
  }
  return watts;
}

// A pipeline takes microbatches + stages − 1 slots; one of them.
Duration microbatch_time(const Scenario& scenario, Duration step) {
  if (scenario.traced) return {};
  const std::int64_t slots = scenario.plan.microbatches() + scenario.plan.pipeline - 1;
  return slots > 1 ? Duration::picoseconds(step.ps() / slots) : Duration();
}

}  // namespace

PowerSink::PowerSink(const Scenario& scenario, const Program& program, const Placement& placement, const Fold* fold)
    : scenario_(&scenario),
      program_(&program),
      steady_(steady_power(*scenario.cluster, placement).total() * ranks_per_rank(program)),
      weights_(ranks_played(program, fold)),
      ranks_(program.roles.size(), 0),
      roles_(program.roles.size() <= kMostRoles ? program.roles.size() : 0) {
  const Power power = power_of(scenario);
  for (const Segment& segment : program.segments)
    segments_.push_back(nanojoules(segment_joules(segment, power, scenario.stack.compute)));
  for (std::size_t r = 0; r < weights_.size(); ++r) ranks_[program.role_of_rank[r]] += weights_[r];
}

void PowerSink::span(const Span& span) {
  const std::size_t rank = span.rank.index();
  const std::uint32_t role = program_->role_of_rank[rank];
  const Op& op = program_->roles[role].ops[span.op];
  const std::int64_t chip = op.kind == OpKind::kCompute ? segments_[op.body] : nanojoules(span.memory_joules);
  const std::int64_t links = nanojoules(span.link_joules);
  if (chip == 0 && links == 0) return;
  const Int128 weight = weights_[rank];
  machine_.add(span.begin, span.end, weight * (chip + links));
  if (chip == 0) return;
  chips_.add(span.begin, span.end, weight * chip);
  if (!roles_.empty()) roles_[role].add(span.begin, span.end, weight * chip);
}

Report::Power PowerSink::finish(Duration step) const {
  Report::Power power;
  if (step == Duration()) return power;
  const double pue = scenario_->cluster->pue;
  power.pue = pue;
  const double steady = steady_.value();
  power.mean = Watts(steady + static_cast<double>(machine_.total()) * 1e-9 / step.in_seconds());
  const auto add_window = [&](std::string name, Duration length) {
    const WindowPower window(machine_, step, length);
    power.windows.push_back({std::move(name), window.window(), Watts(steady + window.peak().value()),
                             Watts(steady + window.trough().value()), window.ramp()});
  };
  if (step > kUtilityWindow) add_window("50 ms", kUtilityWindow);
  if (const Duration microbatch = microbatch_time(*scenario_, step); microbatch > Duration())
    add_window("one microbatch", microbatch);
  if (power.windows.empty())
    add_window("a sixteenth of the step", Duration::picoseconds(step.ps() / kPartsOfAShortStep));

  const Power& chip = scenario_->cluster->fabric.chip_spec().power;
  power.chip_limit = chip.limit;
  const auto chips = static_cast<double>(scenario_->plan.chips());
  power.chip_mean = Watts(chip.idle.value() + static_cast<double>(chips_.total()) * 1e-9 / step.in_seconds() / chips);
  const auto see = [&](const EnergySeries& series, double ranks, const std::string& role) {
    const WindowPower window(series, step, kChipWindow);
    const Watts peak(chip.idle.value() + (ranks > 0 ? window.peak().value() / ranks : 0));
    if (peak <= power.chip_peak) return;
    power.chip_peak = peak;
    power.chip_peak_window = window.window();
    power.chip_peak_role = role;
  };
  if (roles_.empty()) see(chips_, chips, "");
  for (std::size_t r = 0; r < roles_.size(); ++r)
    if (ranks_[r] > 0) see(roles_[r], ranks_[r], program_->roles[r].name);
  return power;
}

PowerSeries PowerSink::series(Duration step) const {
  PowerSeries series;
  series.width = machine_.width();
  series.step = step;
  series.pue = scenario_->cluster->pue;
  series.machine = watts_of(machine_, step, series.width, steady_.value(), 1);
  const double idle = scenario_->cluster->fabric.chip_spec().power.idle.value();
  for (std::size_t r = 0; r < roles_.size(); ++r)
    if (ranks_[r] > 0)
      series.roles.push_back({program_->roles[r].name, watts_of(roles_[r], step, series.width, idle, 1 / ranks_[r])});
  return series;
}

std::optional<std::string> over_limit(const Report::Power& power) {
  if (power.chip_peak <= power.chip_limit) return std::nullopt;
  const std::string whose = power.chip_peak_role.empty() ? "" : fmt::format(" of {}", power.chip_peak_role);
  return fmt::format(
      "by joules a FLOP and byte, chips{} draw {} over {}, more than their limit of {}: real ones would "
      "slow down there, these don't",
      whose, to_text(power.chip_peak), to_text(power.chip_peak_window), to_text(power.chip_limit));
}

}  // namespace orrery
