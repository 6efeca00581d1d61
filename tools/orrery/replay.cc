// `orrery replay`: plays Chakra traces or PyTorch profiles on any cluster, or traces as ASTRA-sim would; prints a
// report.
#include <cmath>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "sim/base/error.h"
#include "sim/network/choice.h"
#include "sim/scenario/granularity.h"
#include "sim/scenario/traced_scenario.h"
#include "tools/orrery/astra_replay.h"
#include "tools/orrery/cluster_file.h"
#include "tools/orrery/fold_option.h"
#include "tools/orrery/record_replay.h"
#include "tools/orrery/routing_option.h"
#include "tools/orrery/shown_run.h"
#include "workloads/chakra/trace_program.h"
#include "workloads/kineto/profile_program.h"

namespace orrery {
namespace {

struct ReplayRequest {
  std::vector<std::string> files;
  ClusterRequest cluster;
  std::string groups;
  std::string stack;
  bool roofline = false;
  std::string network;
  std::string granularity;
  RoutingOption routing;
  double compute_speedup = 1;
  double network_speedup = 1;
  ShowRequest show;
  AstraRequest astra;
};

// A profile is a JSON file; a prefix of traces is no file at all.
bool is_profile(const std::string& name) {
  std::string_view plain = name;
  if (plain.ends_with(".gz")) plain.remove_suffix(3);
  return plain.ends_with(".json");
}

bool is_goal(const std::string& name) { return name.ends_with(".goal"); }

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

Scenario read_profiles(const ReplayRequest& request, const Library& library) {
  ProfiledJob job{.profiles = {}, .stack = stack_of(request), .compute_speedup = request.compute_speedup};
  job.profiles.reserve(request.files.size());
  for (const std::string& file : request.files) job.profiles.push_back(kineto::read_profile(file));
  return profiled_scenario(library, job, load_cluster(request, library, kineto::ranks_of(job.profiles)));
}

Scenario read_schedule(const ReplayRequest& request, const Library& library) {
  const std::string& file = request.files.front();
  GoalJob job{.file = file,
              .schedule = goal::read_goal(file),
              .stack = stack_of(request),
              .compute_speedup = request.compute_speedup};
  return goal_scenario(library, job, load_cluster(request, library, job.schedule.ranks.size()));
}

Scenario read_traces(const ReplayRequest& request, const Library& library) {
  const std::string& prefix = request.files.front();
  TracedJob job{.prefix = prefix,
                .ranks = chakra::count_ranks(prefix),
                .groups = {},
                .stack = stack_of(request),
                .roofline = request.roofline,
                .compute_speedup = request.compute_speedup};
  if (!request.groups.empty()) job.groups = request.groups;
  return traced_scenario(library, job, load_cluster(request, library, job.ranks));
}

// Whole, as traces are.
Scenario read_job(const ReplayRequest& request) {
  const Library library = Library::standard();
  const std::string& first = request.files.front();
  Scenario scenario = is_profile(first) ? read_profiles(request, library)
                      : is_goal(first)  ? read_schedule(request, library)
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
  return scenario;
}

// What is missing, or said for nothing, while arguments are parsed.
void check_arguments(const ReplayRequest& request) {
  const AstraRequest& astra = request.astra;
  const auto need = [](const std::string& value, const char* name) {
    if (value.empty()) throw CLI::RequiredError(name);
  };
  const auto refuse = [](bool said, const char* name, const char* why) {
    if (said) throw CLI::ValidationError(name, why);
  };
  if (!astra.asked) {
    if (request.files.empty()) throw CLI::RequiredError("files");
    if (is_record(request.files.front())) {
      refuse(request.files.size() > 1, "files", "are one record of a run at a time");
      refuse(!request.cluster.file.empty(), "--cluster", "can't go with a record, which says what it was run on");
      return;
    }
    need(request.cluster.file, "--cluster");
    const bool profiles = is_profile(request.files.front());
    for (const std::string& file : request.files)
      refuse(is_profile(file) != profiles, "files", "are traces by their prefix, or profiles in JSON: not both");
    refuse(!profiles && request.files.size() > 1, "files", "traces of all ranks have one PREFIX");
    refuse(profiles && !request.groups.empty(), "--groups", "profiles say their groups themselves");
    refuse(profiles && request.roofline, "--roofline", "profiles say times, not FLOPs");
    const bool goal = is_goal(request.files.front());
    refuse(goal && !request.groups.empty(), "--groups", "a GOAL schedule has none");
    refuse(goal && request.roofline, "--roofline", "a GOAL schedule says times, not FLOPs");
    refuse(!astra.workload.empty(), "--workload", "is for --astra");
    refuse(!astra.system.empty(), "--system", "is for --astra");
    refuse(!astra.memory.empty(), "--memory", "is for --astra");
    return;
  }
  if (request.files.empty()) need(astra.workload, "--workload");
  refuse(request.files.size() > 1, "files", "traces of all ranks have one PREFIX");
  need(astra.system, "--system");
  need(request.network, "--network");
  constexpr const char* kFiles = "can't go with --astra, whose files say it";
  refuse(!request.files.empty() && !astra.workload.empty(), "--workload", "and PREFIX say the same");
  refuse(!request.cluster.file.empty(), "--cluster", kFiles);
  refuse(!request.stack.empty(), "--stack", kFiles);
  refuse(request.roofline, "--roofline", kFiles);
  refuse(!request.granularity.empty(), "--granularity", kFiles);
  refuse(request.routing.given(), "--routing", kFiles);
  refuse(request.compute_speedup != 1, "--scale-compute", kFiles);
  refuse(request.network_speedup != 1, "--scale-network", kFiles);
  refuse(!request.show.trace.empty(), "--trace", "isn't written by --astra yet");
}

int replay_as_astra(const ReplayRequest& request) {
  AstraRequest astra = request.astra;
  if (astra.workload.empty()) astra.workload = request.files.front();
  astra.network = request.network;
  astra.groups = request.groups;
  astra.fold = request.show.fold != Folding::kOff;
  astra.json = request.show.json;
  astra.quiet = request.show.quiet;
  astra.no_color = request.show.no_color;
  return replay_astra(astra);
}

int replay(const ReplayRequest& request) {
  if (request.astra.asked) return replay_as_astra(request);
  if (is_record(request.files.front())) return replay_record(request.files.front(), request.show.quiet);
  const Stopwatch watch;
  if (!request.show.trace.empty()) check_trace_name(request.show.trace);
  const Readied readied(read_job(request), request.show.fold);
  show_run(request.show, readied, watch);
  return kDone;
}

std::function<int()> declare_replay(CLI::App& command) {
  const auto request = std::make_shared<ReplayRequest>();
  command
      .add_option("files", request->files,
                  "Chakra execution traces PREFIX.0.et, PREFIX.1.et, …: one for each rank, gzip or not; or PyTorch "
                  "profiles (Kineto's .json or .json.gz), a file for each rank; a GOAL schedule (.goal, text); or a "
                  "record that `orrery run --record` left")
      ->type_name("PREFIX|FILES");
  command
      .add_option("--cluster", request->cluster.file,
                  "what to play them on: a YAML file, a name that `orrery list clusters` prints, or a scenario's file")
      ->type_name("CLUSTER");
  command
      .add_option("--groups", request->groups,
                  "who is in the groups that traces name: a JSON file {\"1\": [0, 1], …}; else their own metadata says")
      ->type_name("FILE");
  command
      .add_option("--stack", request->stack,
                  "what chooses algorithms, and what collectives cost beside the wire: a software stack's name or file")
      ->type_name("STACK");
  command.add_flag("--roofline", request->roofline,
                   "reckon compute from num_ops and tensor_size on this chip, even where a time was recorded");
  command
      .add_option(
          "--network", request->network,
          "how bytes travel: a name that `orrery list networks` prints, or {name: NAME, KEY: VALUE}; with --astra "
          "its network file")
      ->type_name("NAME");
  constexpr double kSlowest = 1e-3;
  constexpr double kFastest = 1e3;
  command.add_option("--scale-compute", request->compute_speedup, "how many times faster kernels are than recorded")
      ->check(CLI::Range(kSlowest, kFastest))
      ->type_name("FACTOR");
  command
      .add_option("--scale-network", request->network_speedup,
                  "how many times the bandwidth of the cluster's links, latencies as they are")
      ->check(CLI::Range(kSlowest, kFastest))
      ->type_name("FACTOR");
  command.add_option("--granularity", request->granularity, "fluid, or stepwise: collectives message by message")
      ->type_name("NAME");
  request->routing.declare(command);
  request->show.declare_output(command);
  declare_fold(command, request->show.fold);
  request->show.declare_manner(command);
  request->astra.declare(command);
  command.parse_complete_callback([request] { check_arguments(*request); });
  return [request] { return replay(*request); };
}

const Verbs::Entry kReplay{
    {"replay", "Play traces, profiles or a recorded run again and report where the time went", &declare_replay}};

}  // namespace
}  // namespace orrery
