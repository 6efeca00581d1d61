// One reader for each kind of recording.
#include "sim/scenario/trace_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <utility>

#include "sim/scenario/traced_scenario.h"
#include "workloads/chakra/trace_program.h"
#include "workloads/kineto/profile_program.h"
#include "workloads/pytorch_trace/execution_program.h"

namespace orrery {
namespace {

constexpr std::int64_t kMostTracedRanks = std::int64_t{1} << 20U;

std::filesystem::path beside_file(const yaml::Node& node) {
  const std::filesystem::path path = node.text();
  return path.is_absolute() ? path : std::filesystem::path(node.span().file).parent_path() / path;
}

using AskedRanks = std::optional<std::uint32_t>;

TraceKey goal_trace(const yaml::Node& file, const std::optional<yaml::Node>& stack) {
  const std::filesystem::path path = beside_file(file);
  GoalJob job{.file = path, .schedule = goal::read_goal(path), .stack = stack, .growth = {}};
  return {job.schedule.ranks.size(),
          [job = std::move(job)](const Library& library, std::shared_ptr<const Cluster> cluster) {
            return goal_scenario(library, job, std::move(cluster));
          }};
}

TraceKey chakra_trace(const yaml::Node& prefix, const std::optional<yaml::Node>& groups,
                      const std::optional<yaml::Node>& stack) {
  TracedJob job{.prefix = beside_file(prefix), .ranks = 0, .groups = {}, .stack = stack, .growth = {}};
  job.ranks = chakra::count_ranks(job.prefix);
  if (groups) job.groups = beside_file(*groups);
  return {job.ranks, [job = std::move(job)](const Library& library, std::shared_ptr<const Cluster> cluster) {
            return traced_scenario(library, job, std::move(cluster));
          }};
}

TraceKey simai_trace(const yaml::Node& file, AskedRanks ranks, const std::optional<yaml::Node>& stack) {
  SimaiJob job{.workload = simai::read_workload(beside_file(file)), .stack = stack};
  if (ranks) job.workload = simai::on_ranks(std::move(job.workload), *ranks);
  return {job.workload.ranks, [job = std::move(job)](const Library& library, std::shared_ptr<const Cluster> cluster) {
            return simai_scenario(library, job, std::move(cluster));
          }};
}

// Execution traces, and beside them profiles of the same run; or profiles alone.
TraceKey pytorch_trace_of(const yaml::Node& files, AskedRanks ranks, const std::optional<yaml::Node>& stack) {
  std::vector<std::filesystem::path> paths;
  for (const yaml::Node& file : files.items()) paths.push_back(beside_file(file));
  if (paths.empty()) files.fail("no file is named here");
  const std::size_t asked = ranks.value_or(0);
  if (std::none_of(paths.begin(), paths.end(), pytorch_trace::is_execution_trace)) {
    ProfiledJob job{.profiles = {}, .stack = stack, .ranks = ranks};
    for (const std::filesystem::path& path : paths) job.profiles.push_back(kineto::read_profile(path));
    return {std::max(asked, kineto::ranks_of(job.profiles)),
            [job = std::move(job)](const Library& library, std::shared_ptr<const Cluster> cluster) {
              return profiled_scenario(library, job, std::move(cluster));
            }};
  }
  ExecutedJob job{.traces = {}, .measured = {}, .stack = stack, .ranks = ranks};
  for (const std::filesystem::path& path : paths) {
    if (pytorch_trace::is_execution_trace(path)) {
      job.traces.push_back(pytorch_trace::read_execution_trace(path));
    } else {
      job.measured.push_back(pytorch_trace::read_measured_kernels(path));
    }
  }
  return {std::max(asked, pytorch_trace::ranks_of(job.traces)),
          [job = std::move(job)](const Library& library, std::shared_ptr<const Cluster> cluster) {
            return executed_scenario(library, job, std::move(cluster));
          }};
}

}  // namespace

TraceKey read_trace(const yaml::Node& node, const std::optional<yaml::Node>& stack) {
  yaml::Map map(node, "a trace");
  constexpr std::array<std::string_view, 4> kKinds = {"chakra", "goal", "pytorch", "simai"};
  std::array<std::optional<yaml::Node>, kKinds.size()> found;
  for (std::size_t k = 0; k < kKinds.size(); ++k) found[k] = map.optional(kKinds[k]);
  const std::optional<yaml::Node> groups = found[0] ? map.optional("groups") : std::nullopt;
  AskedRanks ranks;
  if (found[2] || found[3])
    if (const auto asked = map.optional("ranks"))
      ranks = static_cast<std::uint32_t>(asked->integer(1, kMostTracedRanks));
  map.finish();
  if (std::count_if(found.begin(), found.end(), [](const auto& one) { return one.has_value(); }) != 1)
    node.fail("a trace is of one kind: `chakra`, `goal`, `pytorch` or `simai`");
  if (found[0]) return chakra_trace(*found[0], groups, stack);
  if (found[1]) return goal_trace(*found[1], stack);
  if (found[2]) return pytorch_trace_of(*found[2], ranks, stack);
  return simai_trace(*found[3], ranks, stack);
}

}  // namespace orrery
