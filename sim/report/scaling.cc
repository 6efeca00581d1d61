// The figures over sizes, and the words for them.
#include "sim/report/scaling.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/report/digits.h"

namespace orrery {
namespace {

// Chips a token: what makes chip-seconds a token out of seconds of the step.
double chips_per_token(const Report& report) {
  return report.tokens > 0 ? static_cast<double>(report.chips) / static_cast<double>(report.tokens) : 0;
}

double token_cost(const Report& report) { return report.step.in_seconds() * chips_per_token(report); }

double share_of_step(const Report& report, double seconds) {
  return report.step > Duration() ? seconds / report.step.in_seconds() : 0;
}

// Rows that ran, in order.
std::vector<const ScaleRow*> rows_run(const ScaleCurve& curve) {
  std::vector<const ScaleRow*> rows;
  for (const ScaleRow& row : curve.rows)
    if (row.ran()) rows.push_back(&row);
  return rows;
}

// Seconds of a part of that name; 0 where there is none.
double seconds_of(const std::vector<StepPart>& parts, const std::string& name) {
  for (const StepPart& part : parts)
    if (part.name == name) return part.seconds;
  return 0;
}

void blame(const Report& before, const Report& after, ScaleBreak& found) {
  const std::vector<StepPart> old_parts = step_parts(before);
  double most = 0;
  for (const StepPart& part : step_parts(after)) {
    const double was = seconds_of(old_parts, part.name);
    const double growth = part.seconds * chips_per_token(after) - was * chips_per_token(before);
    if (growth <= most) continue;
    most = growth;
    found.part = part.name;
    found.share_from = share_of_step(before, was);
    found.share_to = share_of_step(after, part.seconds);
  }
  found.of_growth = most / (token_cost(after) - token_cost(before));
}

std::string percents(double share) { return fmt::format("{:.1f} %", 100 * share); }

// "88 % of what a token costs more", "all that a token costs more".
std::string growth_text(double of_growth, const std::string& sample) {
  if (of_growth >= 0.995) return fmt::format("all that a {} costs more", sample);
  return fmt::format("{:.0f} % of what a {} costs more", 100 * of_growth, sample);
}

std::string spoken_tier(Tier tier) {
  std::string name(to_name(tier));
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

}  // namespace

const ScaleRow* ScaleCurve::smallest() const {
  const auto first = std::find_if(rows.begin(), rows.end(), [](const ScaleRow& row) { return row.ran(); });
  return first == rows.end() ? nullptr : &*first;
}

double efficiency_of(const ScaleCurve& curve, const ScaleRow& row) {
  const double cost = token_cost(*row.report);
  return cost > 0 ? token_cost(*curve.smallest()->report) / cost : 0;
}

double joules_per_token(const Report& report) {
  return report.tokens > 0 ? report.energy.value() / static_cast<double>(report.tokens) : 0;
}

std::vector<StepPart> step_parts(const Report& report) {
  const Breakdown& breakdown = report.breakdown;
  std::vector<StepPart> parts = {{"compute", breakdown.mean_seconds(breakdown.compute - breakdown.slowed)},
                                 {"compute slowed by what runs beside it", breakdown.mean_seconds(breakdown.slowed)}};
  for (const Breakdown::Exposed& part : breakdown.exposed)
    parts.push_back({"exposed " + part.dimension + " communication", breakdown.mean_seconds(part.time)});
  parts.push_back({"the pipeline bubble", breakdown.mean_seconds(breakdown.bubble)});
  parts.push_back({"waiting for other members of collectives", breakdown.mean_seconds(breakdown.skew)});
  parts.push_back({"waiting for the host", breakdown.mean_seconds(breakdown.host)});
  parts.push_back({"delays", breakdown.mean_seconds(breakdown.other)});
  return parts;
}

Coverage coverage_of(const ScaleCurve& curve) {
  Coverage coverage;
  for (const ScaleRow* row : rows_run(curve)) {
    const std::optional<Report::Ratio>& least = row->report->least;
    if (!least || least->rho >= 1) {
      coverage = {row->chips, std::nullopt};
    } else if (!coverage.below) {
      coverage.below = {row->chips, *least};
    }
  }
  return coverage;
}

std::optional<ScaleBreak> break_of(const ScaleCurve& curve) {
  const std::vector<const ScaleRow*> rows = rows_run(curve);
  double worst = 1;
  std::size_t at = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const double cost = token_cost(*rows[i]->report);
    const double kept = cost > 0 ? token_cost(*rows[i - 1]->report) / cost : 1;
    if (kept >= worst) continue;
    worst = kept;
    at = i;
  }
  if (at == 0) return std::nullopt;
  ScaleBreak found;
  found.from = rows[at - 1]->chips;
  found.to = rows[at]->chips;
  found.efficiency_from = efficiency_of(curve, *rows[at - 1]);
  found.efficiency_to = efficiency_of(curve, *rows[at]);
  blame(*rows[at - 1]->report, *rows[at]->report, found);
  return found;
}

std::optional<std::int64_t> first_below(const ScaleCurve& curve, double least) {
  for (const ScaleRow* row : rows_run(curve))
    if (efficiency_of(curve, *row) < least) return row->chips;
  return std::nullopt;
}

std::string coverage_sentence(const ScaleCurve& curve) {
  if (curve.smallest() == nullptr) return "none: no size ran";
  const Coverage coverage = coverage_of(curve);
  std::string text = "no size has ρ ≥ 1";
  if (coverage.chips) text = fmt::format("{} chips", grouped(*coverage.chips));
  if (!coverage.below) return text + ", the largest that ran: no tier falls below ρ = 1";
  return text + fmt::format(": at {} the {} tier has ρ = {:.3g}", grouped(coverage.below->chips),
                            spoken_tier(coverage.below->ratio.tier), coverage.below->ratio.rho);
}

std::string break_sentence(const ScaleCurve& curve) {
  const std::vector<const ScaleRow*> rows = rows_run(curve);
  if (rows.size() < 2) return fmt::format("{} ran: that makes no curve", rows.empty() ? "no size" : "only one size");
  const std::optional<ScaleBreak> found = break_of(curve);
  if (!found) return fmt::format("unbroken up to {} chips: efficiency never falls", grouped(rows.back()->chips));
  const std::string where = fmt::format("from {} to {} chips", grouped(found->from), grouped(found->to));
  const std::string why =
      fmt::format("{} grows from {} to {} of the step, {}", found->part, percents(found->share_from),
                  percents(found->share_to), growth_text(found->of_growth, curve.sample));
  const std::string fall =
      fmt::format("from {} to {}", percents(found->efficiency_from), percents(found->efficiency_to));
  const std::optional<std::int64_t> broken = first_below(curve, kBrokenEfficiency);
  if (!broken)
    return fmt::format("unbroken up to {} chips: efficiency stays at {:.0f} % or more; it falls most {}, {}: {}",
                       grouped(rows.back()->chips), 100 * kBrokenEfficiency, where, fall, why);
  std::string text = fmt::format("breaks {}, where efficiency falls {}: {}; below {:.0f} % at {} chips", where, fall,
                                 why, 100 * kBrokenEfficiency, grouped(*broken));
  if (const auto half = first_below(curve, 0.5)) text += fmt::format(", below 50 % at {}", grouped(*half));
  return text;
}

}  // namespace orrery
