// Writes curves over sizes as JSON: keys in a fixed order, units in the keys, doubles in their shortest form.
#include <nlohmann/json.hpp>

#include "sim/report/breakdown_json.h"
#include "sim/report/scaling.h"

namespace orrery {
namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson figures_json(const ScaleCurve& curve, const ScaleRow& row) {
  const Report& report = *row.report;
  OrderedJson json{{"tensor", report.plan.tensor},
                   {"pipeline", report.plan.pipeline},
                   {"data", report.plan.data},
                   {"batch", report.plan.batch},
                   {"step_time_s", static_cast<double>(report.step.ps()) / 1e12},
                   {"tokens_per_step", report.tokens},
                   {"tokens_per_s", report.tokens_per_second},
                   {"mfu", report.mfu},
                   {"efficiency", efficiency_of(curve, row)}};
  if (report.plan.context > 1) json["context"] = report.plan.context;
  OrderedJson ratios = OrderedJson::object();
  for (const Report::Ratio& ratio : report.ratios) ratios[std::string(to_name(ratio.tier))] = ratio.rho;
  json["rho"] = ratios;
  json["least_rho"] = report.least ? OrderedJson(report.least->rho) : OrderedJson();
  json["least_rho_tier"] = report.least ? OrderedJson(to_name(report.least->tier)) : OrderedJson();
  json["chi"] = report.chi;
  add_breakdown(report.breakdown, json);
  json["energy_per_token_j"] = joules_per_token(report);
  json["bottleneck"] = report.bottleneck ? OrderedJson(report.bottleneck->name) : OrderedJson();
  json["bottleneck_s"] = report.bottleneck ? OrderedJson(report.bottleneck->cost.in_seconds()) : OrderedJson();
  json["warnings"] = report.warnings;
  return json;
}

OrderedJson row_json(const ScaleCurve& curve, const ScaleRow& row) {
  OrderedJson json{{"chips", row.chips}, {"refusal", row.ran() ? OrderedJson() : OrderedJson(row.refusal)}};
  if (row.ran()) json.update(figures_json(curve, row));
  if (row.cost) {
    json["simulation_wall_s"] = row.cost->seconds;
    json["simulation_peak_bytes"] = row.cost->memory.count();
  }
  return json;
}

OrderedJson coverage_json(const ScaleCurve& curve) {
  const Coverage coverage = coverage_of(curve);
  OrderedJson json{{"chips", coverage.chips ? OrderedJson(*coverage.chips) : OrderedJson()}, {"below", OrderedJson()}};
  if (coverage.below)
    json["below"] = {{"chips", coverage.below->chips},
                     {"tier", to_name(coverage.below->ratio.tier)},
                     {"rho", coverage.below->ratio.rho}};
  json["sentence"] = coverage_sentence(curve);
  return json;
}

OrderedJson break_json(const ScaleCurve& curve) {
  const std::optional<ScaleBreak> found = break_of(curve);
  const auto broken = first_below(curve, kBrokenEfficiency);
  OrderedJson json{{"first_below_90_percent_chips", broken ? OrderedJson(*broken) : OrderedJson()}};
  json["largest_fall"] = found ? OrderedJson{{"from_chips", found->from},
                                             {"to_chips", found->to},
                                             {"efficiency_from", found->efficiency_from},
                                             {"efficiency_to", found->efficiency_to},
                                             {"part", found->part},
                                             {"share_from", found->share_from},
                                             {"share_to", found->share_to},
                                             {"share_of_growth", found->of_growth}}
                               : OrderedJson();
  json["sentence"] = break_sentence(curve);
  return json;
}

}  // namespace

std::string to_json(const std::vector<ScaleCurve>& curves) {
  OrderedJson json;
  json["schema_version"] = 1;
  json["curves"] = OrderedJson::array();
  for (const ScaleCurve& curve : curves) {
    OrderedJson entry{{"scenario", curve.scenario}, {"cluster", curve.cluster}, {"chip", curve.chip},
                      {"model", curve.model},       {"stack", curve.stack},     {"network", curve.network},
                      {"grows", curve.grows},       {"mode", curve.mode()}};
    if (curve.sample != "token") entry["sample"] = curve.sample;
    entry["sizes"] = OrderedJson::array();
    for (const ScaleRow& row : curve.rows) entry["sizes"].push_back(row_json(curve, row));
    entry["n_star"] = coverage_json(curve);
    entry["curve"] = break_json(curve);
    json["curves"].push_back(std::move(entry));
  }
  return json.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

}  // namespace orrery
