// Finds and reads the scenario that a user names.
#include "tools/orrery/scenario_file.h"

#include <iostream>

namespace orrery {

void ScenarioRequest::declare(CLI::App& command) {
  command.add_option("file", file, "a scenario: a YAML file, or a name that `orrery list scenarios` prints")
      ->required()
      ->type_name("FILE");
  declare_changes(command);
}

void ScenarioRequest::declare_changes(CLI::App& command) {
  command.add_option("--set", assignments, "put a value over the file's: --set plan.tensor=4")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command
      .add_option("--network", network,
                  "how bytes travel: a name that `orrery list networks` prints, or {name: NAME, KEY: VALUE}")
      ->type_name("NAME");
  routing.declare(command);
}

std::vector<yaml::Override> ScenarioRequest::overrides(const std::filesystem::path& path) const {
  std::vector<yaml::Override> overrides;
  overrides.reserve(assignments.size() + 2);
  for (const std::string& assignment : assignments) overrides.push_back(yaml::Override::parse(assignment));
  if (!network.empty()) overrides.push_back({"network", network});
  if (!routing.given()) return overrides;
  // A seed alone goes with the routing that the file names.
  std::string otherwise = "minimal";
  if (routing.routing.empty())
    if (const auto node = yaml::Map(yaml::load(path, overrides), "a scenario").optional("routing"))
      otherwise = yaml::resolved_text(*node);
  overrides.push_back({"routing", routing.text(otherwise)});
  return overrides;
}

std::filesystem::path find_scenario(const Library& library, const std::string& word) {
  if (std::filesystem::exists(word) || word.ends_with(".yaml") || word.find('/') != std::string::npos) return word;
  return library.open("scenarios", word).span().file;
}

void say_warnings(const Scenario& scenario) {
  for (const std::string& warning : scenario.warnings) std::cerr << "warning: " << warning << '\n';
}

Scenario ScenarioRequest::load() const {
  Scenario scenario = read(Extent::kWhole);
  say_warnings(scenario);
  return scenario;
}

Scenario ScenarioRequest::read(Extent extent) const {
  const Library library = Library::standard();
  const std::filesystem::path path = find_scenario(library, file);
  return load_scenario(library, path, overrides(path), extent);
}

bool ScenarioRequest::has_jobs() const {
  const std::filesystem::path path = find_scenario(Library::standard(), file);
  return orrery::has_jobs(yaml::load(path, overrides(path)));
}

SharedScenario ScenarioRequest::load_jobs() const {
  const Library library = Library::standard();
  const std::filesystem::path path = find_scenario(library, file);
  SharedScenario shared = orrery::load_jobs(library, path, overrides(path));
  for (const std::string& warning : shared.warnings) std::cerr << "warning: " << warning << '\n';
  return shared;
}

}  // namespace orrery
