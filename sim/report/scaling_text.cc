// Lays curves out for a terminal: how fast, where the step went, N★ and the break; then the files side by side.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sim/report/digits.h"
#include "sim/report/scaling.h"
#include "sim/report/text_page.h"

namespace orrery {
namespace {

// fmt pads by bytes; a ρ or an arrow is more than one.
std::string padded_left(std::string_view text, std::size_t width) {
  const std::size_t taken = columns(text);
  return std::string(width > taken ? width - taken : 0, ' ').append(text);
}

std::string tenths(double share) { return fmt::format("{:.1f}", 100 * share); }

std::string tier_text(const std::optional<Report::Ratio>& least) {
  if (!least) return "-";
  std::string name(to_name(least->tier));
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

std::string rho_text(const std::optional<Report::Ratio>& least) {
  return least ? fmt::format("{:.3g}", least->rho) : "-";
}

void add_refusal(const ScaleRow& row, TextPage& page) {
  page.item(fmt::format("{:>9}", grouped(row.chips)), "- " + row.refusal, Colour::kDim);
}

void add_speed(const ScaleCurve& curve, TextPage& page) {
  page.line(fmt::format("{:>9}{:>9}{:>10}{:>13}{:>9}{:>12}{}  {:<9}{}{:>11}", "chips", "batch", "step",
                        curve.sample + "s/s", "MFU (%)", "effic. (%)", padded_left("ρ", 8), "of tier",
                        padded_left("χ (%)", 7), "per " + curve.sample),
            Colour::kDim);
  for (const ScaleRow& row : curve.rows) {
    if (!row.ran()) {
      add_refusal(row, page);
      continue;
    }
    const Report& report = *row.report;
    page.line(fmt::format("{:>9}{:>9}{:>10}{:>13}{:>9}{:>12}{:>8}  {:<9}{:>7}{:>11}", grouped(row.chips),
                          grouped(report.plan.batch), to_text(report.step), digits(report.tokens_per_second),
                          tenths(report.mfu), tenths(efficiency_of(curve, row)), rho_text(report.least),
                          tier_text(report.least), tenths(report.chi), to_text(Joules(joules_per_token(report)))));
  }
}

double exposed_share(const Report& report, std::string_view dimension) {
  for (const Breakdown::Exposed& part : report.breakdown.exposed)
    if (part.dimension == dimension && report.step > Duration())
      return report.breakdown.mean_seconds(part.time) / report.step.in_seconds();
  return 0;
}

// Of the step, in per cent: compute, exposed communication by dimension, bubble; the others are further dimensions,
// skew, host and delays.
void add_parts(const ScaleCurve& curve, TextPage& page) {
  page.line(fmt::format("{:>9}{:>9}{:>8}{:>7}{:>10}{:>8}{:>8}   {}", "% of step", "compute", "tensor", "data",
                        "pipeline", "bubble", "others", "top bottleneck"),
            Colour::kDim);
  for (const ScaleRow& row : curve.rows) {
    if (!row.ran()) continue;
    const Report& report = *row.report;
    const Breakdown& breakdown = report.breakdown;
    const double step = report.step > Duration() ? report.step.in_seconds() : 1;
    const double compute = breakdown.mean_seconds(breakdown.compute) / step;
    const double bubble = breakdown.mean_seconds(breakdown.bubble) / step;
    double others = breakdown.mean_seconds(breakdown.total()) / step - compute - bubble;
    std::string exposed;
    for (const auto& [dimension, width] : {std::pair{"tensor", 8}, std::pair{"data", 7}, std::pair{"pipeline", 10}}) {
      const double share = exposed_share(report, dimension);
      others -= share;
      exposed += fmt::format("{:>{}}", tenths(share), width);
    }
    page.line(fmt::format("{:>9}{:>9}{}{:>8}{:>8}   {}", grouped(row.chips), tenths(compute), exposed, tenths(bubble),
                          tenths(std::max(0.0, others)), report.bottleneck ? report.bottleneck->name : "-"));
  }
}

void add_simulation_costs(const ScaleCurve& curve, TextPage& page) {
  if (std::none_of(curve.rows.begin(), curve.rows.end(), [](const ScaleRow& row) { return row.cost.has_value(); }))
    return;
  page.line();
  page.line(fmt::format("{:>9}{:>12}{:>14}{:>14}", "chips", "simulated", "peak memory", "events"), Colour::kDim);
  for (const ScaleRow& row : curve.rows)
    if (row.cost && row.ran())
      page.line(fmt::format("{:>9}{:>12}{:>14}{:>14}", grouped(row.chips), fmt::format("{:.2f} s", row.cost->seconds),
                            to_text(row.cost->memory), grouped(static_cast<std::int64_t>(row.report->events))));
}

void add_curve(const ScaleCurve& curve, TextPage& page) {
  page.line(fmt::format("{}: {} scaling over {}, the batch {}", curve.scenario, curve.mode(), curve.grows,
                        curve.weak ? "grows with the chips" : "stays"),
            Colour::kBold);
  page.line(fmt::format("{} · {} · {} · {} · {} network", curve.model, curve.chip, curve.cluster, curve.stack,
                        curve.network));
  page.line();
  add_speed(curve, page);
  if (curve.smallest() != nullptr) {
    page.line();
    add_parts(curve, page);
  }
  add_simulation_costs(curve, page);
  page.line();
  page.item("N★", coverage_sentence(curve));
  page.item("the curve", break_sentence(curve));
}

const ScaleRow* row_at(const ScaleCurve& curve, std::int64_t chips) {
  for (const ScaleRow& row : curve.rows)
    if (row.chips == chips) return &row;
  return nullptr;
}

void add_side_by_side(const std::vector<const ScaleCurve*>& curves, TextPage& page) {
  page.line();
  page.line(fmt::format("Side by side: {} scaling", curves.front()->mode()), Colour::kBold);
  for (const ScaleCurve* curve : curves)
    page.line(fmt::format("  {}  {} · {}", curve->letter(), curve->scenario, curve->cluster));
  page.line();
  std::set<std::int64_t> sizes;
  for (const ScaleCurve* curve : curves)
    for (const ScaleRow& row : curve->rows)
      if (row.ran()) sizes.insert(row.chips);
  std::string groups = fmt::format("{:>9}", "");
  std::string heads = fmt::format("{:>9}", "chips");
  for (const std::string_view what : {"step", "effic. (%)", "ρ", "χ (%)"}) {
    const std::size_t width = what == "effic. (%)" ? 8 : 9;
    groups += padded_left(what, width * curves.size());
    for (const ScaleCurve* curve : curves) heads += fmt::format("{:>{}}", curve->letter(), width);
  }
  page.line(groups, Colour::kDim);
  page.line(heads, Colour::kDim);
  for (const std::int64_t chips : sizes) {
    std::string step;
    std::string efficiency;
    std::string rho;
    std::string chi;
    for (const ScaleCurve* curve : curves) {
      const ScaleRow* row = row_at(*curve, chips);
      const Report* report = row != nullptr && row->ran() ? &*row->report : nullptr;
      step += fmt::format("{:>9}", report != nullptr ? to_text(report->step) : "-");
      efficiency += fmt::format("{:>8}", report != nullptr ? tenths(efficiency_of(*curve, *row)) : "-");
      rho += fmt::format("{:>9}", report != nullptr ? rho_text(report->least) : "-");
      chi += fmt::format("{:>9}", report != nullptr ? tenths(report->chi) : "-");
    }
    page.line(fmt::format("{:>9}{}{}{}{}", grouped(chips), step, efficiency, rho, chi));
  }
}

}  // namespace

std::string to_text(const std::vector<ScaleCurve>& curves, bool colour) {
  TextPage page(colour);
  for (const ScaleCurve& curve : curves) {
    if (&curve != &curves.front()) page.line();
    add_curve(curve, page);
  }
  for (const bool weak : {true, false}) {
    std::vector<const ScaleCurve*> alike;
    for (const ScaleCurve& curve : curves)
      if (curve.weak == weak) alike.push_back(&curve);
    if (alike.size() > 1) add_side_by_side(alike, page);
  }
  return page.text();
}

}  // namespace orrery
