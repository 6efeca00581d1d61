// `orrery topology FILE`: what a cluster is made of and what it can carry, as text, JSON or Graphviz DOT.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "sim/base/write_file.h"
#include "tools/orrery/cluster_file.h"
#include "topology/dot.h"
#include "topology/survey.h"

namespace orrery {
namespace {

struct TopologyRequest {
  ClusterRequest cluster;
  std::string dot;
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

int show_topology(const TopologyRequest& request) {
  const Library library = Library::standard();
  const Cluster cluster = request.cluster.load(library);
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
  command.add_option("--dot", request->dot, "also draw the graph as Graphviz DOT; `-` writes only that")
      ->type_name("OUT");
  command.add_flag("--json", request->json, "print JSON instead of text");
  return [request] { return show_topology(*request); };
}

const Verbs::Entry kTopology{
    {"topology", "Survey a cluster: counts, diameter, bisection, bytes per FLOP", &declare_topology}};

}  // namespace
}  // namespace orrery
