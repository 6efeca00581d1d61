// `orrery replay PREFIX`: plays Chakra execution traces on any cluster and prints the report of a run.
#include <filesystem>
#include <memory>
#include <optional>

#include "sim/base/error.h"
#include "sim/network/choice.h"
#include "sim/scenario/granularity.h"
#include "sim/scenario/traced_scenario.h"
#include "tools/orrery/cluster_file.h"
#include "tools/orrery/fold_option.h"
#include "tools/orrery/routing_option.h"
#include "tools/orrery/shown_run.h"
#include "workloads/chakra/trace_program.h"

namespace orrery {
namespace {

struct ReplayRequest {
  std::string prefix;
  ClusterRequest cluster;
  std::string groups;
  std::string stack;
  bool roofline = false;
  std::string network;
  std::string granularity;
  RoutingOption routing;
  ShowRequest show;
};

// Whole, as traces are.
Scenario read_job(const ReplayRequest& request) {
  const Library library = Library::standard();
  TracedJob job{.prefix = request.prefix, .ranks = chakra::count_ranks(request.prefix), .groups = {}, .stack = {}};
  if (!request.groups.empty()) job.groups = request.groups;
  if (!request.stack.empty()) job.stack = yaml::parse(request.stack, "--stack");
  job.roofline = request.roofline;
  ClusterRequest cluster = request.cluster;
  cluster.chips = job.ranks;
  Scenario scenario = traced_scenario(library, job, std::make_shared<const Cluster>(cluster.load(library)));
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

int replay(const ReplayRequest& request) {
  const Stopwatch watch;
  if (!request.show.trace.empty()) check_trace_name(request.show.trace);
  const Readied readied(read_job(request), request.show.fold);
  show_run(request.show, readied, watch);
  return kDone;
}

std::function<int()> declare_replay(CLI::App& command) {
  const auto request = std::make_shared<ReplayRequest>();
  command
      .add_option("prefix", request->prefix,
                  "Chakra execution traces PREFIX.0.et, PREFIX.1.et, …: one for each rank, gzip or not")
      ->required()
      ->type_name("PREFIX");
  command
      .add_option("--cluster", request->cluster.file,
                  "what to play them on: a YAML file, a name that `orrery list clusters` prints, or a scenario's file")
      ->required()
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
      .add_option("--network", request->network,
                  "how bytes travel: a name that `orrery list networks` prints, or {name: NAME, KEY: VALUE}")
      ->type_name("NAME");
  command.add_option("--granularity", request->granularity, "fluid, or stepwise: collectives message by message")
      ->type_name("NAME");
  request->routing.declare(command);
  request->show.declare_output(command);
  declare_fold(command, request->show.fold);
  request->show.declare_manner(command);
  return [request] { return replay(*request); };
}

const Verbs::Entry kReplay{
    {"replay", "Play Chakra execution traces on a cluster and report where the time went", &declare_replay}};

}  // namespace
}  // namespace orrery
