// Several jobs on one machine, out of one file.
//
//     name: Two jobs, one spine             # optional, as is description
//     cluster: dgx_a100_superpod
//     network: fluid                        # optional; so are granularity, routing, events, background: for all
//     jobs:
//       - {name: left, model: llama3_8b, stack: megatron_core, plan: {…}, chips: 0-7}
//       - {name: right, model: llama3_70b, stack: megatron_core, plan: {…}, start: 2 ms}
//       - {name: recorded, trace: {goal: schedule.goal}, placement: {name: random, seed: 7}}   # trace_key.h
//
// `chips` names a job's chips in order of rank (MachineNames::chips), `placement` (topology/placement.h) takes from
// what jobs without one leave, jobs in their order; with neither a job takes the chips behind those that the jobs
// before it have. Its clock begins at its `start`; events and background count by the machine's.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/scenario/scenario.h"

namespace orrery {

struct SharedScenario {
  std::string name;
  std::string description;
  // Each as if it stood alone; with one cluster, and the same network, granularity, routing, events and background.
  std::vector<Scenario> jobs;
  std::vector<Duration> starts;       // of the jobs
  std::vector<std::string> warnings;  // inputs that change nothing here, each with its job's name
};

// Whether a document has a list of jobs.
[[nodiscard]] bool has_jobs(const yaml::Node& root);

// InputError at whatever is wrong, in the file in which it stands.
[[nodiscard]] SharedScenario load_jobs(const Library& library, const std::filesystem::path& file,
                                       const std::vector<yaml::Override>& overrides = {});
// The same of a document that is already read; `file_name` names it if it has no name.
[[nodiscard]] SharedScenario read_jobs(const Library& library, const yaml::Node& root, const std::string& file_name,
                                       const ScenarioLimits& limits = {});

}  // namespace orrery
