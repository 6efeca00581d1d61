// Each kind of file has its reader; network, granularity and routes are asked for alike.
#include "tools/orrery/replay_job.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "sim/network/choice.h"
#include "sim/scenario/granularity.h"
#include "sim/scenario/traced_scenario.h"
#include "tools/orrery/algorithm_option.h"
#include "workloads/chakra/trace_program.h"
#include "workloads/kineto/profile_program.h"
#include "workloads/pytorch_trace/execution_program.h"

namespace orrery {
namespace {

// Of so many chips, with faster or slower links if asked.
std::shared_ptr<const Cluster> load_cluster(const ReplayRequest& request, const Library& library, std::size_t ranks) {
  ClusterRequest wanted = request.cluster;
  wanted.chips = ranks;
  auto cluster = std::make_shared<Cluster>(wanted.load(library));
  if (request.network_speedup == 1) return cluster;
  for (std::size_t i = 0; i < cluster->fabric.links().size(); ++i) {
    Link& link = cluster->fabric.link(LinkId(i));
    if (link.kind != LinkKind::kOnPackage)
      link.bandwidth = Bandwidth::bytes_per_second(std::llround(link.bandwidth.as_double() * request.network_speedup));
  }
  return cluster;
}

std::optional<yaml::Node> stack_of(const ReplayRequest& request) {
  if (request.stack.empty()) return std::nullopt;
  return yaml::parse(request.stack, "--stack");
}

std::optional<recorded::Growth> growth_of(const ReplayRequest& request) {
  if (!request.ranks) return std::nullopt;
  return recorded::Growth{*request.ranks, request.grows};
}

std::size_t played_ranks(const ReplayRequest& request, std::size_t recorded) {
  return std::max<std::size_t>(recorded, request.ranks.value_or(0));
}

Scenario read_profiles(const ReplayRequest& request, const Library& library) {
  ProfiledJob job{
      .profiles = {}, .stack = stack_of(request), .compute_speedup = request.compute_speedup, .ranks = request.ranks};
  job.profiles.reserve(request.files.size());
  for (const std::string& file : request.files) job.profiles.push_back(kineto::read_profile(file));
  return profiled_scenario(library, job,
                           load_cluster(request, library, played_ranks(request, kineto::ranks_of(job.profiles))));
}

// Execution traces, and beside them profiles of the same run; profiles alone are traces of another kind.
Scenario read_pytorch(const ReplayRequest& request, const Library& library) {
  std::vector<bool> executed;
  executed.reserve(request.files.size());
  for (const std::string& file : request.files) executed.push_back(pytorch_trace::is_execution_trace(file));
  if (std::find(executed.begin(), executed.end(), true) == executed.end()) return read_profiles(request, library);
  ExecutedJob job{.traces = {},
                  .measured = {},
                  .stack = stack_of(request),
                  .compute_speedup = request.compute_speedup,
                  .ranks = request.ranks};
  for (std::size_t f = 0; f < executed.size(); ++f) {
    if (executed[f])
      job.traces.push_back(pytorch_trace::read_execution_trace(request.files[f]));
    else
      job.measured.push_back(pytorch_trace::read_measured_kernels(request.files[f]));
  }
  return executed_scenario(library, job,
                           load_cluster(request, library, played_ranks(request, pytorch_trace::ranks_of(job.traces))));
}

Scenario read_schedule(const ReplayRequest& request, const Library& library) {
  const std::string& file = request.files.front();
  GoalJob job{.file = file,
              .schedule = goal::read_goal(file),
              .stack = stack_of(request),
              .compute_speedup = request.compute_speedup,
              .growth = growth_of(request)};
  return goal_scenario(library, job, load_cluster(request, library, played_ranks(request, job.schedule.ranks.size())));
}

Scenario read_workload(const ReplayRequest& request, const Library& library) {
  SimaiJob job{.workload = simai::read_workload(request.simai),
               .stack = stack_of(request),
               .compute_speedup = request.compute_speedup};
  if (request.ranks) job.workload = simai::on_ranks(std::move(job.workload), *request.ranks);
  return simai_scenario(library, job, load_cluster(request, library, job.workload.ranks));
}

Scenario read_traces(const ReplayRequest& request, const Library& library) {
  const std::string& prefix = request.files.front();
  TracedJob job{.prefix = prefix,
                .ranks = chakra::count_ranks(prefix),
                .groups = {},
                .stack = stack_of(request),
                .roofline = request.roofline,
                .compute_speedup = request.compute_speedup,
                .growth = growth_of(request)};
  if (!request.groups.empty()) job.groups = request.groups;
  return traced_scenario(library, job, load_cluster(request, library, played_ranks(request, job.ranks)));
}

}  // namespace

// A profile or an execution trace is a JSON file; a prefix of traces is no file at all.
bool is_pytorch_json(const std::string& name) {
  std::string_view plain = name;
  if (plain.ends_with(".gz")) plain.remove_suffix(3);
  return plain.ends_with(".json");
}

bool is_goal(const std::string& name) { return name.ends_with(".goal") || name.ends_with(".bin"); }

Scenario read_replayed(const ReplayRequest& request) {
  const Library library = Library::standard();
  const std::string first = request.files.empty() ? std::string() : request.files.front();
  Scenario scenario = !request.simai.empty()   ? read_workload(request, library)
                      : is_pytorch_json(first) ? read_pytorch(request, library)
                      : is_goal(first)         ? read_schedule(request, library)
                                               : read_traces(request, library);
  const NetworkChoice network =
      read_network(yaml::parse(request.network.empty() ? scenario.network : request.network, "--network"));
  scenario.network = std::string(network.kind->name);
  scenario.make_network = network.make;
  std::optional<yaml::Node> granularity;
  if (!request.granularity.empty()) granularity = yaml::parse(request.granularity, "--granularity");
  scenario.granularity = read_granularity(granularity, *network.kind);
  if (request.routing.given()) {
    RoutingChoice routing = request.routing.read(scenario.cluster->fabric);
    scenario.routing = std::string(routing.kind->name);
    scenario.make_routing = std::move(routing.make);
  }
  if (!request.placement.empty()) scenario.placement = request.placement;
  take_algorithms(read_algorithms(request.algorithm, "--algorithm"), scenario);
  return scenario;
}

ReplayRequest other_of(ReplayRequest request) {
  const ReplayRequest::Against& other = request.against;
  if (!other.cluster.empty()) request.cluster.file = other.cluster;
  if (!other.placement.empty()) request.placement = other.placement;
  AlgorithmsByKind algorithms = read_algorithms(request.algorithm, "--algorithm");
  const AlgorithmsByKind others = read_algorithms(other.algorithm, "--against-algorithm");
  for (std::size_t k = 0; k < algorithms.size(); ++k)
    if (!others[k].empty()) algorithms[k] = others[k];
  request.algorithm = text_of(algorithms);
  request.against = {};
  return request;
}

std::string how_played(const ReplayRequest& request) {
  std::string text = request.cluster.file;
  if (!request.placement.empty()) text += ", " + request.placement;
  if (!request.algorithm.empty()) text += ", " + request.algorithm;
  return text;
}

}  // namespace orrery
