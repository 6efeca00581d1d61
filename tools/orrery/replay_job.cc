// Each kind of file has its reader (trace_key.h); network, granularity and routes are asked for alike.
#include "tools/orrery/replay_job.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "sim/network/choice.h"
#include "sim/scenario/granularity.h"
#include "sim/scenario/trace_key.h"
#include "tools/orrery/algorithm_option.h"

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

TraceTerms terms_of(const ReplayRequest& request) {
  TraceTerms terms;
  if (!request.stack.empty()) terms.stack = yaml::parse(request.stack, "--stack");
  if (!request.groups.empty()) terms.groups = request.groups;
  terms.roofline = request.roofline;
  terms.compute_speedup = request.compute_speedup;
  if (request.ranks) terms.growth = {*request.ranks, request.grows};
  return terms;
}

TraceKey read_files(const ReplayRequest& request) {
  TraceTerms terms = terms_of(request);
  if (!request.simai.empty()) return simai_trace(request.simai, std::move(terms));
  const std::string& first = request.files.front();
  if (is_pytorch_json(first)) return pytorch_trace_of({request.files.begin(), request.files.end()}, std::move(terms));
  return is_goal(first) ? goal_trace(first, std::move(terms)) : chakra_trace(first, std::move(terms));
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
  const TraceKey trace = read_files(request);
  Scenario scenario = trace.scenario(library, load_cluster(request, library, trace.ranks));
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
