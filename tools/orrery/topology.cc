// `orrery topology FILE`: what a cluster is made of and what it can carry, as text, JSON or Graphviz DOT.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "sim/base/write_file.h"
#include "tools/orrery/verb.h"
#include "topology/dot.h"
#include "topology/survey.h"

namespace orrery {
namespace {

struct TopologyRequest {
  std::string file;
  std::string dot;
  std::size_t chips = 0;
  bool json = false;
};

// A name or a file of a cluster; of a scenario, the cluster that it names.
Cluster find_cluster(const Library& library, const TopologyRequest& request) {
  const bool is_file = request.file.ends_with(".yaml") || request.file.find('/') != std::string::npos;
  yaml::Node node = is_file ? yaml::load(request.file) : library.open("topology/clusters", request.file);
  if (const auto cluster = yaml::Map(node, "a cluster").optional("cluster")) node = *cluster;
  return load_cluster(library, node, request.chips);
}

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
  const Cluster cluster = find_cluster(library, request);
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
  command
      .add_option("file", request->file,
                  "a cluster: a YAML file, or a name that `orrery list clusters` prints; or a scenario's file")
      ->required()
      ->type_name("FILE");
  command
      .add_option("--chips", request->chips, "just as many nodes as hold this many chips (default: the whole cluster)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 24U))
      ->type_name("N");
  command.add_option("--dot", request->dot, "also draw the graph as Graphviz DOT; `-` writes only that")
      ->type_name("OUT");
  command.add_flag("--json", request->json, "print JSON instead of text");
  return [request] { return show_topology(*request); };
}

const Verbs::Entry kTopology{
    {"topology", "Survey a cluster: counts, diameter, bisection, bytes per FLOP", &declare_topology}};

}  // namespace
}  // namespace orrery
