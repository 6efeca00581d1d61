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

std::optional<std::uint32_t> asked_ranks(const TraceTerms& terms) {
  if (!terms.growth) return std::nullopt;
  return terms.growth->ranks;
}

std::size_t played_ranks(std::size_t recorded, const TraceTerms& terms) {
  return std::max<std::size_t>(recorded, asked_ranks(terms).value_or(0));
}

TraceKey profiles_of(const std::vector<std::filesystem::path>& files, TraceTerms terms) {
  ProfiledJob job{.profiles = {},
                  .stack = std::move(terms.stack),
                  .compute_speedup = terms.compute_speedup,
                  .ranks = asked_ranks(terms)};
  job.profiles.reserve(files.size());
  for (const std::filesystem::path& file : files) job.profiles.push_back(kineto::read_profile(file));
  return {played_ranks(kineto::ranks_of(job.profiles), terms),
          [job = std::move(job)](const Library& library, std::shared_ptr<const Cluster> cluster) {
            return profiled_scenario(library, job, std::move(cluster));
          }};
}

}  // namespace

TraceKey chakra_trace(const std::filesystem::path& prefix, TraceTerms terms) {
  const std::size_t ranks = chakra::count_ranks(prefix);
  const std::size_t played = played_ranks(ranks, terms);
  return {played, [job = TracedJob{.prefix = prefix,
                                   .ranks = ranks,
                                   .groups = std::move(terms.groups),
                                   .stack = std::move(terms.stack),
                                   .roofline = terms.roofline,
                                   .compute_speedup = terms.compute_speedup,
                                   .growth = std::move(terms.growth)}](const Library& library,
                                                                       std::shared_ptr<const Cluster> cluster) {
            return traced_scenario(library, job, std::move(cluster));
          }};
}

TraceKey goal_trace(const std::filesystem::path& file, TraceTerms terms) {
  GoalJob job{.file = file,
              .schedule = goal::read_goal(file),
              .stack = std::move(terms.stack),
              .compute_speedup = terms.compute_speedup,
              .growth = terms.growth};
  return {played_ranks(job.schedule.ranks.size(), terms),
          [job = std::move(job)](const Library& library, std::shared_ptr<const Cluster> cluster) {
            return goal_scenario(library, job, std::move(cluster));
          }};
}

TraceKey simai_trace(const std::filesystem::path& file, TraceTerms terms) {
  SimaiJob job{.workload = simai::read_workload(file),
               .stack = std::move(terms.stack),
               .compute_speedup = terms.compute_speedup};
  if (const auto ranks = asked_ranks(terms)) job.workload = simai::on_ranks(std::move(job.workload), *ranks);
  return {job.workload.ranks, [job = std::move(job)](const Library& library, std::shared_ptr<const Cluster> cluster) {
            return simai_scenario(library, job, std::move(cluster));
          }};
}

TraceKey pytorch_trace_of(const std::vector<std::filesystem::path>& files, TraceTerms terms) {
  std::vector<bool> executed;
  executed.reserve(files.size());
  for (const std::filesystem::path& file : files) executed.push_back(pytorch_trace::is_execution_trace(file));
  if (std::find(executed.begin(), executed.end(), true) == executed.end()) return profiles_of(files, std::move(terms));
  ExecutedJob job{.traces = {},
                  .measured = {},
                  .stack = std::move(terms.stack),
                  .compute_speedup = terms.compute_speedup,
                  .ranks = asked_ranks(terms)};
  for (std::size_t f = 0; f < files.size(); ++f) {
    if (executed[f])
      job.traces.push_back(pytorch_trace::read_execution_trace(files[f]));
    else
      job.measured.push_back(pytorch_trace::read_measured_kernels(files[f]));
  }
  return {played_ranks(pytorch_trace::ranks_of(job.traces), terms),
          [job = std::move(job)](const Library& library, std::shared_ptr<const Cluster> cluster) {
            return executed_scenario(library, job, std::move(cluster));
          }};
}

TraceKey read_trace(const yaml::Node& node, const std::optional<yaml::Node>& stack) {
  yaml::Map map(node, "a trace");
  constexpr std::array<std::string_view, 4> kKinds = {"chakra", "goal", "pytorch", "simai"};
  std::array<std::optional<yaml::Node>, kKinds.size()> found;
  for (std::size_t k = 0; k < kKinds.size(); ++k) found[k] = map.optional(kKinds[k]);
  TraceTerms terms;
  terms.stack = stack;
  if (found[0])
    if (const auto groups = map.optional("groups")) terms.groups = beside_file(*groups);
  if (found[2] || found[3])
    if (const auto asked = map.optional("ranks"))
      terms.growth = {static_cast<std::uint32_t>(asked->integer(1, kMostTracedRanks)), ""};
  map.finish();
  if (std::count_if(found.begin(), found.end(), [](const auto& one) { return one.has_value(); }) != 1)
    node.fail("a trace is of one kind: `chakra`, `goal`, `pytorch` or `simai`");
  if (found[0]) return chakra_trace(beside_file(*found[0]), std::move(terms));
  if (found[1]) return goal_trace(beside_file(*found[1]), std::move(terms));
  if (found[3]) return simai_trace(beside_file(*found[3]), std::move(terms));
  std::vector<std::filesystem::path> files;
  for (const yaml::Node& file : found[2]->items()) files.push_back(beside_file(file));
  if (files.empty()) found[2]->fail("no file is named here");
  return pytorch_trace_of(files, std::move(terms));
}

}  // namespace orrery
