// `orrery list`: everything that a file may name, each with its own sentence.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "sim/base/library.h"
#include "sim/collective/communication_library.h"
#include "sim/collective/schedule.h"
#include "sim/network/network.h"
#include "tools/orrery/verb.h"
#include "topology/cluster.h"
#include "topology/imports/import.h"
#include "topology/placement.h"
#include "topology/routing/routing.h"
#include "topology/shapes/shape.h"
#include "workloads/compression/compressor.h"
#include "workloads/decoder/sublayer.h"
#include "workloads/family.h"
#include "workloads/model.h"
#include "workloads/optimizers/optimizer.h"
#include "workloads/phases/phase.h"
#include "workloads/schedules/schedule.h"

namespace orrery {
namespace {

struct Item {
  std::string name;
  std::string sentence;
};

template <class Kinds>
std::vector<Item> registered(const Library&) {
  std::vector<Item> items;
  for (const auto* kind : Kinds::all()) items.push_back({std::string(kind->name), std::string(kind->sentence)});
  return items;
}

// The comment on line 1 of a library file is its sentence.
std::string first_comment(const std::string& file) {
  std::ifstream in(file);
  std::string sentence;
  for (std::string line; std::getline(in, line) && line.starts_with("# ");) {
    sentence += (sentence.empty() ? "" : " ") + line.substr(2);
    if (sentence.ends_with('.')) break;
  }
  if (sentence.ends_with('.')) sentence.pop_back();
  return sentence;
}

// "25.6 M"
std::string counted(std::int64_t number) {
  double value = static_cast<double>(number);
  const char* const units[] = {"", " K", " M", " G", " T"};
  std::size_t unit = 0;
  for (; value >= 999.5 && unit + 1 < std::size(units); ++unit) value /= 1000;
  return fmt::format("{:.3g}{}", value, units[unit]);
}

std::vector<Item> files(const Library& library, std::string_view shelf) {
  std::vector<Item> items;
  for (const std::string& name : library.names(shelf))
    items.push_back({name, first_comment(library.open(shelf, name).span().file)});
  return items;
}

// "25.6 M parameters" behind each model's sentence.
std::vector<Item> models(const Library& library) {
  std::vector<Item> items = files(library, "workloads/models");
  for (Item& item : items) {
    const yaml::Node node = library.open("workloads/models", item.name);
    const Family* family = family_of(node);
    const std::int64_t weights = family != nullptr ? family->parameters(node) : read_model(node).parameters();
    if (weights > 0) item.sentence += fmt::format(" ({} parameters)", counted(weights));
  }
  return items;
}

struct Topic {
  const char* name;
  std::vector<Item> (*items)(const Library& library);
};
const Topic kTopics[] = {
    {"chips", [](const Library& library) { return files(library, "topology/chips"); }},
    {"clusters", [](const Library& library) { return files(library, "topology/clusters"); }},
    {"libraries", [](const Library& library) { return files(library, kCommunicationLibraryShelf); }},
    {"plugins", [](const Library& library) { return files(library, kNetworkPluginShelf); }},
    {"models", models},
    {"families", registered<Families>},
    {"stacks", [](const Library& library) { return files(library, "workloads/stacks"); }},
    {"scenarios", [](const Library& library) { return files(library, "scenarios"); }},
    {"shapes", registered<Shapes>},
    {"imports", registered<ImportFormats>},
    {"placements", registered<Placements>},
    {"networks", registered<Networks>},
    {"routings", registered<Routings>},
    {"collectives", registered<CollectiveAlgorithms>},
    {"schedules", registered<PipelineSchedules>},
    {"sublayers", registered<decoder::SubLayers>},
    {"phases", registered<InferencePhases>},
    {"optimizers", registered<Optimizers>},
    {"compressors", registered<Compressors>},
};

void print(const char* name, const std::vector<Item>& items) {
  std::size_t width = 0;
  for (const Item& item : items) width = std::max(width, item.name.size());
  std::cout << name << '\n';
  for (const Item& item : items) std::cout << fmt::format("  {:<{}}  {}\n", item.name, width, item.sentence);
}

std::function<int()> declare_list(CLI::App& command) {
  const auto wanted = std::make_shared<std::vector<std::string>>();
  std::vector<std::string> names;
  for (const Topic& topic : kTopics) names.emplace_back(topic.name);
  command.add_option("topic", *wanted, "only these: " + CLI::detail::join(names, ", "))
      ->check(CLI::IsMember(names))
      ->type_name("TOPIC");
  return [wanted] {
    const Library library = Library::standard();
    for (const Topic& topic : kTopics)
      if (wanted->empty() || std::find(wanted->begin(), wanted->end(), topic.name) != wanted->end())
        print(topic.name, topic.items(library));
    return kDone;
  };
}

const Verbs::Entry kList{
    {"list", "Print everything that a file may name: chips, clusters, models, shapes, …", &declare_list}};

}  // namespace
}  // namespace orrery
