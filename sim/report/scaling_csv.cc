// Writes curves over sizes as rows: a column for each tier, and for each dimension along which any of them
// communicates.
#include <fmt/format.h>

#include <algorithm>

#include "sim/report/csv_field.h"
#include "sim/report/scaling.h"

namespace orrery {
namespace {

std::vector<std::string> dimensions_of(const std::vector<ScaleCurve>& curves) {
  std::vector<std::string> dimensions;
  for (const ScaleCurve& curve : curves)
    for (const ScaleRow& row : curve.rows) {
      if (!row.ran()) continue;
      for (const Breakdown::Exposed& part : row.report->breakdown.exposed)
        if (std::find(dimensions.begin(), dimensions.end(), part.dimension) == dimensions.end())
          dimensions.push_back(part.dimension);
    }
  return dimensions;
}

class CsvLine {
 public:
  void text(std::string_view value) { add(csv_field(value)); }
  template <class Number>
  void number(Number value) {
    add(fmt::format("{}", value));
  }
  void nothing(std::size_t times = 1) {
    for (std::size_t i = 0; i < times; ++i) add("");
  }
  [[nodiscard]] std::string line() const { return line_ + '\n'; }

 private:
  void add(std::string_view field) {
    if (any_) line_ += ',';
    any_ = true;
    line_ += field;
  }

  std::string line_;
  bool any_ = false;
};

constexpr std::size_t kFixedFigures = 19;  // columns of add_figures() beside tiers and dimensions

CsvLine head_line(const std::vector<std::string>& dimensions, bool costs) {
  CsvLine head;
  for (const char* name : {"scenario", "cluster", "mode", "grows", "chips", "refusal"}) head.text(name);
  for (const char* name : {"tensor", "pipeline", "data", "batch", "step_time_s", "tokens_per_s", "mfu", "efficiency",
                           "least_rho", "least_rho_tier", "chi"})
    head.text(name);
  for (std::size_t tier = 0; tier < kTierCount; ++tier)
    head.text(fmt::format("rho_{}", to_name(static_cast<Tier>(tier))));
  head.text("compute_s");
  for (const std::string& dimension : dimensions) head.text("exposed_" + dimension + "_s");
  for (const char* name : {"bubble_s", "skew_s", "host_s", "delay_s", "energy_per_token_j", "bottleneck", "events"})
    head.text(name);
  if (costs)
    for (const char* name : {"simulation_wall_s", "simulation_peak_bytes"}) head.text(name);
  return head;
}

void add_csv_figures(const ScaleCurve& curve, const ScaleRow& row, const std::vector<std::string>& dimensions,
                     CsvLine& line) {
  const Report& report = *row.report;
  const Breakdown& breakdown = report.breakdown;
  for (const std::int64_t number : {report.plan.tensor, report.plan.pipeline, report.plan.data, report.plan.batch})
    line.number(number);
  for (const double number :
       {static_cast<double>(report.step.ps()) / 1e12, report.tokens_per_second, report.mfu, efficiency_of(curve, row)})
    line.number(number);
  if (report.least) {
    line.number(report.least->rho);
    line.text(to_name(report.least->tier));
  } else {
    line.nothing(2);
  }
  line.number(report.chi);
  for (std::size_t tier = 0; tier < kTierCount; ++tier) {
    const auto ratio = std::find_if(report.ratios.begin(), report.ratios.end(),
                                    [&](const Report::Ratio& one) { return one.tier == static_cast<Tier>(tier); });
    if (ratio == report.ratios.end()) {
      line.nothing();
    } else {
      line.number(ratio->rho);
    }
  }
  line.number(breakdown.mean_seconds(breakdown.compute));
  for (const std::string& dimension : dimensions) {
    Int128 time = 0;
    for (const Breakdown::Exposed& part : breakdown.exposed)
      if (part.dimension == dimension) time += part.time;
    line.number(breakdown.mean_seconds(time));
  }
  for (const Int128 time : {breakdown.bubble, breakdown.skew, breakdown.host, breakdown.other})
    line.number(breakdown.mean_seconds(time));
  line.number(joules_per_token(report));
  line.text(report.bottleneck ? report.bottleneck->name : "");
  line.number(report.events);
}

}  // namespace

std::string to_csv(const std::vector<ScaleCurve>& curves) {
  const std::vector<std::string> dimensions = dimensions_of(curves);
  bool costs = false;
  for (const ScaleCurve& curve : curves)
    for (const ScaleRow& row : curve.rows) costs = costs || row.cost;
  std::string csv = head_line(dimensions, costs).line();
  for (const ScaleCurve& curve : curves)
    for (const ScaleRow& row : curve.rows) {
      CsvLine line;
      for (const std::string_view name : {std::string_view(curve.scenario), std::string_view(curve.cluster),
                                          curve.mode(), std::string_view(curve.grows)})
        line.text(name);
      line.number(row.chips);
      line.text(row.refusal);
      if (row.ran()) {
        add_csv_figures(curve, row, dimensions, line);
      } else {
        line.nothing(kFixedFigures + kTierCount + dimensions.size());
      }
      if (row.cost) {
        line.number(row.cost->seconds);
        line.number(row.cost->memory.count());
      } else if (costs) {
        line.nothing(2);
      }
      csv += line.line();
    }
  return csv;
}

}  // namespace orrery
