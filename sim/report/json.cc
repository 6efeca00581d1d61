// Writes a report as JSON: keys in a fixed order, units in the keys, doubles in their shortest form that reads back.
//
// CORRECTNESS: nothing here depends on the clock or the host, so equal runs give equal bytes.
#include <nlohmann/json.hpp>

#include "sim/report/breakdown_json.h"
#include "sim/report/report.h"

namespace orrery {
namespace {

using Json = nlohmann::ordered_json;

std::string_view name_of(Recompute recompute) {
  return recompute == Recompute::kNone ? "none" : recompute == Recompute::kSelective ? "selective" : "full";
}

// The double nearest to the whole picoseconds.
double seconds(Duration time) { return static_cast<double>(time.ps()) / 1e12; }
double teraflops(FlopRate rate) { return rate.flops_per_second() / 1e12; }

Json plan_json(const Plan& plan) {
  Json json = {{"tensor", plan.tensor},
               {"pipeline", plan.pipeline},
               {"data", plan.data},
               {"microbatch", plan.microbatch},
               {"microbatches", plan.microbatches()},
               {"batch", plan.batch},
               {"sequence", plan.sequence},
               {"schedule", plan.schedule},
               {"interleave", plan.interleave},
               {"sequence_parallel", plan.sequence_parallel},
               {"recompute", name_of(plan.recompute)},
               {"zero", plan.zero},
               {"overlap_tensor", plan.overlap_tensor},
               {"overlap_gradients", plan.overlap_gradients},
               {"bucket_bytes", plan.bucket.count()},
               {"order", plan.order}};
  // Said only where it is so: most plans split nothing but layers.
  if (plan.context > 1) {
    json["context"] = plan.context;
    json["context_exchange"] = to_name(plan.context_exchange);
  }
  if (plan.optimizer != OptimizerChoice{})
    json["optimizer"] = {{"name", plan.optimizer.name}, {"step", to_name(plan.optimizer.step)}};
  if (plan.tensor_rows > 1) json["tensor_rows"] = plan.tensor_rows;
  if (plan.tensor_tiles > 1) json["tensor_tiles"] = plan.tensor_tiles;
  if (plan.source_sequence > 0) json["source_sequence"] = plan.source_sequence;
  if (plan.sharded_over() < plan.replicas()) json["shard"] = plan.sharded_over();
  if (plan.local_sgd.sites > 1)
    json["local_sgd"] = {{"sites", plan.local_sgd.sites},
                         {"steps", plan.local_sgd.steps},
                         {"sent", to_name(plan.local_sgd.sent)},
                         {"step", to_name(plan.local_sgd.step)}};
  if (plan.optimizer.moments != Precision::kFp32) json["optimizer"]["moments"] = to_name(plan.optimizer.moments);
  if (!plan.again.names().empty()) json["recompute_modules"] = plan.again.names();
  if (plan.documents > 1) json["documents"] = plan.documents;
  if (plan.offload.any()) json["offload"] = plan.offload.names();
  if (plan.compression.any()) json["gradient_compression"] = plan.compression.kind;
  if (plan.adapters.any())
    json["adapters"] = {{"rank", plan.adapters.rank},
                        {"on", plan.adapters.names()},
                        {"frozen", plan.adapters.nf4 ? "nf4" : "as computed"}};
  if (plan.overlap_weights) json["overlap_weights"] = true;
  if (plan.embedding_as_layer) json["embedding_as_layer"] = true;
  if (plan.loss_as_layer) json["loss_as_layer"] = true;
  return json;
}

Json layout_json(const std::vector<PlanEntry>& layout) {
  Json json = Json::object();
  for (const PlanEntry& entry : layout)
    json[entry.key] = std::visit([](const auto& value) { return Json(value); }, entry.value);
  return json;
}

void add_machine(const Report& report, Json& json) {
  Json utilization = Json::object();
  for (const Report::Utilization& use : report.utilization)
    utilization[use.name] = {{"mean", use.mean}, {"highest", use.highest}, {"busiest", use.busiest}};
  json["utilization"] = utilization;
  Json ratios = Json::object();
  for (const Report::Ratio& ratio : report.ratios)
    ratios[std::string(to_name(ratio.tier))] = {{"rho", ratio.rho},
                                                {"step_flops_per_byte", ratio.flops_per_byte},
                                                {"machine_flops_per_byte", ratio.machine_balance}};
  json["compute_communication_ratio"] = ratios;
  json["least_rho"] = report.least ? Json(report.least->rho) : Json();
  json["least_rho_tier"] = report.least ? Json(to_name(report.least->tier)) : Json();
  json["chi"] = report.chi;
}

Json memory_json(const Report& report) {
  Json categories = Json::object();
  for (const MemoryUse::Category& category : report.memory.categories)
    categories[category.name] = category.bytes.count();
  Json json = {{"stage", report.memory.stage},
               {"categories_bytes", categories},
               {"total_bytes", report.memory.total().count()},
               {"capacity_bytes", report.memory.capacity.count()},
               {"advice", report.memory_advice}};
  if (report.memory.host_capacity > Bytes(0)) {
    json["host_bytes"] = report.memory.host.count();
    json["host_capacity_bytes"] = report.memory.host_capacity.count();
  }
  return json;
}

// A training step of a model of text; else keys speak of samples.
bool counts_tokens(const Report& report) { return report.family.empty() && report.sample == "token"; }

void add_energy(const Report& report, Json& json) {
  json["energy_per_step_j"] = report.energy.value();
  if (!report.traced)
    json[counts_tokens(report) ? "energy_per_token_j" : "energy_per_sample_j"] =
        report.tokens > 0 ? report.energy.value() / static_cast<double>(report.tokens) : 0.0;
  Json parts = Json::object();
  for (const Report::EnergyPart& part : report.energy_parts) parts[part.name] = part.energy.value();
  json["energy_parts_j"] = parts;
}

Json work_json(const StepWork& work) {
  Json flops = Json::object();
  for (std::size_t p = 0; p < kPrecisionCount; ++p)
    if (work.flops[p] > 0) flops[std::string(to_name(static_cast<Precision>(p)))] = work.flops[p];
  if (work.vector_flops > 0) flops["vector"] = work.vector_flops;
  Json bytes = Json::object();
  if (work.hbm_bytes > 0) bytes["hbm"] = work.hbm_bytes;
  for (std::size_t kind = 0; kind < kLinkKinds; ++kind)
    if (work.link_bytes[kind] > 0) bytes[std::string(to_name(static_cast<LinkKind>(kind)))] = work.link_bytes[kind];
  return {{"flops", flops}, {"bytes", bytes}};
}

Json power_json(const Report::Power& power) {
  Json windows = Json::array();
  for (const Report::Power::Window& window : power.windows)
    windows.push_back({{"window", window.name},
                       {"window_s", seconds(window.length)},
                       {"it_peak_w", window.peak.value()},
                       {"it_trough_w", window.trough.value()},
                       {"it_swing_w", window.swing().value()},
                       {"it_ramp_w_per_s", window.ramp},
                       {"facility_peak_w", window.peak.value() * power.pue},
                       {"facility_swing_w", window.swing().value() * power.pue}});
  return {{"it_mean_w", power.mean.value()},
          {"facility_mean_w", power.mean.value() * power.pue},
          {"windows", windows},
          {"chip_mean_w", power.chip_mean.value()},
          {"chip_peak_w", power.chip_peak.value()},
          {"chip_peak_window_s", seconds(power.chip_peak_window)},
          {"chip_peak_role", power.chip_peak_role},
          {"chip_limit_w", power.chip_limit.value()}};
}

Json cost_json(const Cost& cost) {
  return {{"total_usd", cost.total().value()},
          {"capital_usd", cost.capital.value()},
          {"electricity_usd", cost.electricity.value()},
          {"maintenance_usd", cost.maintenance.value()},
          {"rent_usd", cost.rent.value()}};
}

Json terms_json(const CostTerms& terms) {
  const auto years = [](double life) { return life > 0 ? Json(life) : Json(); };
  return {{"charge", to_name(terms.charge)},
          {"charge_given", terms.charge_given},
          {"chip_usd", terms.chip.value()},
          {"node_usd", terms.node.value()},
          {"network_usd", terms.network.value()},
          {"facility_usd", terms.facility.value()},
          {"life_years", years(terms.life)},
          {"facility_life_years", years(terms.facility_life > 0 ? terms.facility_life : terms.life)},
          {"utilisation", terms.utilisation},
          {"maintenance_per_year", terms.maintenance},
          {"electricity_usd_per_kwh", terms.dollars_per_kwh ? Json(*terms.dollars_per_kwh) : Json()},
          {"rent_usd_per_chip_hour", terms.rent ? Json(*terms.rent) : Json()},
          {"source", terms.source}};
}

void add_accounts(const Report& report, Json& json) {
  json["work"] = work_json(report.work);
  if (report.power) json["power"] = power_json(*report.power);
  if (report.cost_terms) {
    json["cost_terms"] = terms_json(*report.cost_terms);
    json["cost_per_step"] = cost_json(report.step_cost);
    if (report.tokens > 0)
      json["cost_per_million_tokens_usd"] = report.step_cost.total().value() * 1e6 / static_cast<double>(report.tokens);
  }
  if (!report.run) return;
  const Report::Run& run = *report.run;
  Json account = {{"steps", run.steps},
                  {"tokens", run.tokens},
                  {"epochs", run.epochs ? Json(*run.epochs) : Json()},
                  {"time_s", run.seconds},
                  {"days", run.seconds / 86'400},
                  {"model_flops", run.model_flops.count()},
                  {"parameter_flops", run.parameter_flops.count()},
                  {"energy_mwh", run.energy.value() / 3.6e9}};
  if (report.cost_terms) {
    account["cost"] = cost_json(run.cost);
    account["cost_per_million_tokens_usd"] = run.cost.total().value() * 1e6 / run.tokens;
  }
  json["run"] = account;
}

Json disturbances_json(const Report& report) {
  Json list = Json::array();
  for (const Disturbance& one : report.disturbances) {
    list.push_back({{"kind", one.kind},
                    {"what", one.what},
                    {"from_s", seconds(one.at - Time())},
                    {"until_s", one.until < Time::max() ? Json(seconds(one.until - Time())) : Json()},
                    {"every_s", one.times > 1 ? Json(seconds(one.every)) : Json()},
                    {"times", one.times}});
  }
  return list;
}

Json measured_json(const Report& report) {
  if (!report.measured) return {};
  const Measured& measured = *report.measured;
  const auto tera = [](const std::optional<FlopRate>& rate) { return rate ? Json(teraflops(*rate)) : Json(); };
  return {{"step_time_s", measured.step ? Json(seconds(*measured.step)) : Json()},
          {"model_tflops_per_chip", tera(measured.model_flops_per_chip)},
          {"hardware_tflops_per_chip", tera(measured.hardware_flops_per_chip)},
          {"source", measured.source},
          {"simulated_step_error", report.error}};
}

}  // namespace

std::string to_json(const Report& report) {
  Json json;
  json["schema_version"] = 1;
  json["scenario"] = report.scenario;
  json["cluster"] = report.cluster;
  json["chip"] = report.chip;
  json["chips"] = report.chips;
  json["model"] = report.model;
  json["stack"] = report.stack;
  json["network"] = report.network;
  json["granularity"] = report.granularity;
  if (report.routing != "minimal") json["routing"] = report.routing;
  if (report.traced) {
    json["traced"] = true;
  } else {
    if (report.family.empty()) {
      json["plan"] = plan_json(report.plan);
    } else {
      json["family"] = report.family;
      json["layout"] = layout_json(report.layout);
    }
    json["fits"] = report.memory_advice.empty() && report.memory.fits();
  }
  json["step_time_s"] = seconds(report.step);
  json["step_time_ps"] = report.step.ps();
  if (!report.traced && counts_tokens(report)) {
    json["tokens_per_step"] = report.tokens;
    json["tokens_per_s"] = report.tokens_per_second;
  } else if (!report.traced) {
    json["sample"] = report.sample;
    json["samples_per_step"] = report.tokens;
    json["samples_per_s"] = report.tokens_per_second;
  }
  json["model_tflops_per_chip"] = teraflops(report.model_flops_per_chip);
  json["hardware_tflops_per_chip"] = teraflops(report.hardware_flops_per_chip);
  json["mfu"] = report.mfu;
  json["hfu"] = report.hfu;
  add_breakdown(report.breakdown, json);
  add_machine(report, json);
  if (!report.traced) json["memory"] = memory_json(report);
  add_energy(report, json);
  add_accounts(report, json);
  json["bottleneck"] = report.bottleneck ? Json{{"name", report.bottleneck->name},
                                                {"cost_s", seconds(report.bottleneck->cost)},
                                                {"gain", report.bottleneck->gain}}
                                         : Json();
  if (!report.disturbances.empty()) json["disturbances"] = disturbances_json(report);
  json["measured"] = measured_json(report);
  json["events"] = report.events;
  json["warnings"] = report.warnings;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace orrery
