// Reads what a scenario says in the same words whether it has one job or several.
#include "sim/scenario/parts.h"

#include <fmt/format.h>

#include "sim/scenario/unused.h"
#include "workloads/phases/phase.h"

namespace orrery {

Measured read_measured(const yaml::Node& node) {
  yaml::Map map(node, "a measurement");
  Measured measured;
  if (const auto step = map.optional("step")) measured.step = step->duration(Duration::picoseconds(1));
  if (const auto rate = map.optional("model_flops_per_chip")) measured.model_flops_per_chip = rate->flop_rate();
  if (const auto rate = map.optional("hardware_flops_per_chip")) measured.hardware_flops_per_chip = rate->flop_rate();
  measured.source = map.required("source").text();
  map.finish();
  if (!measured.step && !measured.model_flops_per_chip && !measured.hardware_flops_per_chip)
    node.fail("nothing is measured here: give step, model_flops_per_chip or hardware_flops_per_chip");
  return measured;
}

void read_work(const Library& library, const yaml::Node& model, const yaml::Node& stack, const yaml::Node& plan,
               Scenario& job) {
  const yaml::Node file = library.resolve(model, "workloads/models", "model");
  const Family* family = family_of(file);
  if (family == nullptr) job.model = read_model(file);
  job.stack = load_stack(library, stack);
  const InferencePhase* phase = family == nullptr ? phase_of(plan) : nullptr;
  std::vector<std::string> warnings;
  if (family == nullptr && phase == nullptr) {
    job.plan = read_plan(plan, job.model);
    warnings = unused_inputs(plan, job.plan, job.model);
  } else {
    job.workload = phase == nullptr ? family->read(file, plan, job.stack) : phase->read(job.model, plan, job.stack);
    job.model.name = job.workload->name();
    job.plan.data = job.workload->chips();
    job.plan.batch = job.workload->samples();
    warnings = job.workload->warnings();
  }
  for (std::string& warning : warnings) job.warnings.push_back(std::move(warning));
}

void check_work(const Scenario& job, const Chip& chip, const yaml::Node& stack, const yaml::Node& plan) {
  if (job.workload) {
    if (const auto fault = engine_fault(*job.workload, chip)) stack.fail(*fault);
    return;
  }
  if (const auto fault = stack_fault(job.stack, chip)) stack.fail(*fault);
  if (const auto fault = offload_fault(job.plan, chip)) yaml::Map(plan, "a plan").required("offload").fail(*fault);
  if (const auto fault = stack_fault(job.stack, job.plan)) stack.fail(*fault);
}

std::optional<CommunicationLibrary> library_asked(const Library& library, const Stack& stack, const Cluster& cluster) {
  const bool asked =
      stack.all_reduce == kTunersChoice || stack.all_gather == kTunersChoice || stack.reduce_scatter == kTunersChoice;
  const std::string& name = cluster.fabric.chip_spec().library;
  if (!asked || name.empty()) return std::nullopt;
  return load_communication_library(library, yaml::parse(name, "library"), cluster.network_plugin);
}

}  // namespace orrery
