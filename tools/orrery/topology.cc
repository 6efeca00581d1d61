// `orrery topology FILE`: what a cluster is made of and what it can carry, as text, JSON or Graphviz DOT; or its
// routes.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "sim/base/write_file.h"
#include "tools/orrery/cluster_file.h"
#include "tools/orrery/route_text.h"
#include "tools/orrery/routing_option.h"
#include "topology/dot.h"
#include "topology/survey.h"

namespace orrery {
namespace {

struct TopologyRequest {
  ClusterRequest cluster;
  std::string dot;
  std::string route;
  RoutingOption routing;
  bool json = false;
};

std::string to_json(const Survey& survey) {
  nlohmann::ordered_json json;
  json["cluster"] = survey.cluster;
  json["source"] = survey.source;
  json["chip"] = survey.chip;
  json["chips"] = survey.chips;
  json["nodes"] = survey.nodes;
  for (const auto& [kind, count] : survey.vertices) json["vertices"][std::string(to_name(kind))] = count;
  json["links"] = survey.links;
  json["tiers"] = nlohmann::ordered_json::array();
  for (const Survey::Step& step : survey.steps)
    json["tiers"].push_back({{"tier", to_name(step.tier)},
                             {"to", to_name(step.to)},
                             {"kind", to_name(step.kind)},
                             {"links", step.links},
                             {"injection_bytes_per_s", step.injection},
                             {"bytes_per_flop", step.bytes_per_flop},
                             {"efficiency", step.efficiency}});
  json["peak_precision"] = to_name(survey.precision);
  json["peak_flops_per_s"] = survey.peak.flops_per_second();
  json["diameter_hops"] = survey.diameter.hops;
  json["diameter_is_exact"] = survey.diameter.destinations == survey.chips;
  json["bisection_bytes_per_s"] =
      survey.bisection ? nlohmann::ordered_json(survey.bisection->bandwidth) : nlohmann::ordered_json();
  return json.dump(2) + "\n";
}

int show_route(const TopologyRequest& request, const Fabric& fabric) {
  const ChipsOfRoute chips = read_chips_of_route(request.route, "--route", fabric);
  const RoutingChoice routing = request.routing.read(fabric);
  Routes routes(fabric, routing.make);
  std::cout << (request.json ? route_to_json : route_to_text)(routes, chips, routing.kind->name);
  return kDone;
}

int show_topology(const TopologyRequest& request) {
  const Library library = Library::standard();
  const Cluster cluster = request.cluster.load(library);
  if (!request.route.empty()) return show_route(request, cluster.fabric);
  const std::string dot = request.dot.empty() ? "" : to_dot(cluster.fabric);
  if (request.dot == "-") {
    std::cout << dot;
    return kDone;
  }
  const Survey found = survey(cluster);
  if (!request.dot.empty()) write_file(request.dot, dot);
  std::cout << (request.json ? to_json(found) : to_text(found));
  return kDone;
}

std::function<int()> declare_topology(CLI::App& command) {
  const auto request = std::make_shared<TopologyRequest>();
  request->cluster.declare(command);
  CLI::Option* dot =
      command.add_option("--dot", request->dot, "also draw the graph as Graphviz DOT; `-` writes only that")
          ->type_name("OUT");
  CLI::Option* route =
      command
          .add_option("--route", request->route,
                      "instead of the survey: the paths between two chips, link by link, by name or number")
          ->type_name("FROM:TO")
          ->excludes(dot);
  request->routing.declare(command);
  for (const char* option : {"--routing", "--seed"}) command.get_option(option)->needs(route);
  command.add_flag("--json", request->json, "print JSON instead of text");
  return [request] { return show_topology(*request); };
}

const Verbs::Entry kTopology{
    {"topology", "Survey a cluster: counts, diameter, bisection, bytes per FLOP", &declare_topology}};

}  // namespace
}  // namespace orrery
