// Draws curves over sizes: efficiency and MFU, ρ, what is lost and, where it was asked for, what simulating cost; a row
// of charts for each mode, a colour for each file.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "sim/report/chart.h"
#include "sim/report/scaling.h"

namespace orrery {
namespace {

constexpr std::array<std::string_view, 6> kColours = {"#1f6feb", "#d1242f", "#1a7f37", "#9a6700", "#8250df", "#57606a"};

std::string colour_of(const ScaleCurve& curve) { return std::string(kColours[curve.file % kColours.size()]); }

std::string legend_text(const ScaleCurve& curve, bool several) {
  return fmt::format("{}{} · {}", several ? fmt::format("{}  ", curve.letter()) : "", curve.scenario, curve.cluster);
}

double bubble_share(const Report& report) {
  const double step = report.step.in_seconds();
  return step > 0 ? report.breakdown.mean_seconds(report.breakdown.bubble) / step : 0;
}

// Charts of one mode; those of a file have one colour, and its letter where there are several.
class ModeCharts {
 public:
  ModeCharts(std::string_view mode, std::size_t files) : files_(files) {
    const ChartAxis chips{"chips", ChartScale::kDoublings};
    speed_ = {fmt::format("{} scaling: efficiency and MFU", mode), chips, {"%", ChartScale::kLinear}, {}, {}};
    ratio_ = {"least ρ: ideal compute ÷ ideal communication", chips, {"ρ", ChartScale::kDecades}, {}, 1.0};
    lost_ = {"exposed communication (χ) and bubble", chips, {"% of the step", ChartScale::kLinear}, {}, {}};
    wall_ = {"what simulating took", chips, {"seconds", ChartScale::kDecades}, {}, {}};
    memory_ = {"peak memory of simulating", chips, {"MiB", ChartScale::kDecades}, {}, {}};
  }

  void add(const ScaleCurve& curve) {
    const auto plot = [&](Chart& chart, std::string_view name, bool dashed, auto figure) {
      ChartLine& line = chart.lines.emplace_back();
      line.name = files_ > 1 ? fmt::format("{} {}", name, curve.letter()) : std::string(name);
      line.colour = colour_of(curve);
      line.dashed = dashed;
      // Where files agree, those drawn first still show.
      line.width = 1.6 + 1.6 * static_cast<double>(files_ - 1 - curve.file);
      for (const ScaleRow& row : curve.rows)
        if (row.ran()) line.points.emplace_back(static_cast<double>(row.chips), figure(row));
    };
    const auto plot_cost = [&](Chart& chart, std::string_view name, auto figure) {
      const auto has_cost = [](const ScaleRow& row) { return !row.ran() || row.cost; };
      if (std::all_of(curve.rows.begin(), curve.rows.end(), has_cost)) plot(chart, name, false, figure);
    };
    plot(speed_, "efficiency", false, [&](const ScaleRow& row) { return 100 * efficiency_of(curve, row); });
    plot(speed_, "MFU", true, [](const ScaleRow& row) { return 100 * row.report->mfu; });
    plot(ratio_, "ρ", false, [](const ScaleRow& row) { return row.report->least ? row.report->least->rho : 0.0; });
    plot(lost_, "χ", false, [](const ScaleRow& row) { return 100 * row.report->chi; });
    plot(lost_, "bubble", true, [](const ScaleRow& row) { return 100 * bubble_share(*row.report); });
    plot_cost(wall_, "seconds", [](const ScaleRow& row) { return row.cost->seconds; });
    plot_cost(memory_, "MiB", [](const ScaleRow& row) { return row.cost->memory.as_double() / (1 << 20); });
  }
  void give(std::vector<Chart>& charts) {
    for (Chart* chart : {&speed_, &ratio_, &lost_, &wall_, &memory_})
      if (!chart->lines.empty()) charts.push_back(std::move(*chart));
  }

 private:
  std::size_t files_;
  Chart speed_;
  Chart ratio_;
  Chart lost_;
  Chart wall_;  // this and the next only where it was asked for
  Chart memory_;
};

}  // namespace

std::string to_svg(const std::vector<ScaleCurve>& curves) {
  std::size_t files = 1;
  for (const ScaleCurve& curve : curves) files = std::max(files, curve.file + 1);
  ChartPage page;
  if (!curves.empty()) page.title = fmt::format("Scaling {} over {}", curves.front().model, curves.front().grows);
  std::set<std::size_t> named;
  for (const bool weak : {true, false}) {
    ModeCharts charts(weak ? "weak" : "strong", files);
    bool any = false;
    for (const ScaleCurve& curve : curves) {
      if (named.insert(curve.file).second) page.legend.push_back({legend_text(curve, files > 1), colour_of(curve)});
      if (curve.weak != weak) continue;
      charts.add(curve);
      any = true;
    }
    if (any) charts.give(page.charts);
  }
  return to_svg(page);
}

}  // namespace orrery
