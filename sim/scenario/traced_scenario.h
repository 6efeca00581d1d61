// Traces, profiles or schedules and a cluster → a scenario, which runs and reports like one from a file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/library.h"
#include "sim/scenario/scenario.h"
#include "workloads/goal/goal_text.h"
#include "workloads/kineto/profile.h"
#include "workloads/pytorch_trace/execution_trace.h"
#include "workloads/pytorch_trace/measured_kernels.h"
#include "workloads/recorded/grown_program.h"
#include "workloads/simai/workload_text.h"

namespace orrery {

struct TracedJob {
  std::filesystem::path prefix;                 // PREFIX.<rank>.et
  std::size_t ranks = 0;                        // chakra::count_ranks(prefix)
  std::optional<std::filesystem::path> groups;  // who is in the groups that they name
  // What chooses algorithms, and what a collective costs beside the wire. Absent: in traces of our own what they say;
  // in others the chip's communication library, or the fastest algorithm at no cost where it has none.
  std::optional<yaml::Node> stack;
  bool roofline = false;  // num_ops and tensor_size on this chip, before what was recorded on another
  double compute_speedup = 1;
  std::optional<recorded::Growth> growth;  // to be played on other ranks than these
};

// Profiles of PyTorch. The stack as above.
struct ProfiledJob {
  std::vector<kineto::Profile> profiles;
  std::optional<yaml::Node> stack;
  double compute_speedup = 1;
  std::optional<std::uint32_t> ranks;  // to be played on; absent: as many as they say
};

// Execution traces of PyTorch, and profiles of the same run that say how long its operators took. The stack as above.
struct ExecutedJob {
  std::vector<pytorch_trace::ExecutionTrace> traces;
  std::vector<pytorch_trace::MeasuredKernels> measured;
  std::optional<yaml::Node> stack;
  double compute_speedup = 1;
  std::optional<std::uint32_t> ranks;  // to be played on; absent: as many as they say
};

// A GOAL schedule. The stack as above.
struct GoalJob {
  std::filesystem::path file;
  goal::Schedule schedule;
  std::optional<yaml::Node> stack;
  double compute_speedup = 1;
  std::optional<recorded::Growth> growth;  // to be played on other ranks than these
};

// A workload of SimAI. The stack as above.
struct SimaiJob {
  simai::Workload workload;
  std::optional<yaml::Node> stack;
  double compute_speedup = 1;
};

// On the first chips of the cluster, packed. Network, granularity and routes are as a scenario has them by default.
// InputError where traces, groups or stack are wrong, or there are more ranks than chips.
[[nodiscard]] Scenario traced_scenario(const Library& library, const TracedJob& job,
                                       std::shared_ptr<const Cluster> cluster);
[[nodiscard]] Scenario goal_scenario(const Library& library, const GoalJob& job,
                                     std::shared_ptr<const Cluster> cluster);
[[nodiscard]] Scenario profiled_scenario(const Library& library, const ProfiledJob& job,
                                         std::shared_ptr<const Cluster> cluster);
[[nodiscard]] Scenario executed_scenario(const Library& library, const ExecutedJob& job,
                                         std::shared_ptr<const Cluster> cluster);
[[nodiscard]] Scenario simai_scenario(const Library& library, const SimaiJob& job,
                                      std::shared_ptr<const Cluster> cluster);

}  // namespace orrery
