// Finds and reads the scenario that a user names.
#include "tools/orrery/scenario_file.h"

#include <iostream>

namespace orrery {

void ScenarioRequest::declare(CLI::App& command) {
  command.add_option("file", file, "a scenario: a YAML file, or a name that `orrery list scenarios` prints")
      ->required()
      ->type_name("FILE");
  command.add_option("--set", assignments, "put a value over the file's: --set plan.tensor=4")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command
      .add_option("--network", network,
                  "how bytes travel: a name that `orrery list networks` prints, or {name: NAME, KEY: VALUE}")
      ->type_name("NAME");
}

std::filesystem::path find_scenario(const Library& library, const std::string& word) {
  if (std::filesystem::exists(word) || word.ends_with(".yaml") || word.find('/') != std::string::npos) return word;
  return library.open("scenarios", word).span().file;
}

std::vector<yaml::Override> ScenarioRequest::overrides() const {
  std::vector<yaml::Override> overrides;
  overrides.reserve(assignments.size() + 1);
  for (const std::string& assignment : assignments) overrides.push_back(yaml::Override::parse(assignment));
  if (!network.empty()) overrides.push_back({"network", network});
  return overrides;
}

Scenario ScenarioRequest::load() const {
  const Library library = Library::standard();
  Scenario scenario = load_scenario(library, find_scenario(library, file), overrides());
  for (const std::string& warning : scenario.warnings) std::cerr << "warning: " << warning << '\n';
  return scenario;
}

bool ScenarioRequest::has_jobs() const {
  return orrery::has_jobs(yaml::load(find_scenario(Library::standard(), file), overrides()));
}

SharedScenario ScenarioRequest::load_jobs() const {
  const Library library = Library::standard();
  SharedScenario shared = orrery::load_jobs(library, find_scenario(library, file), overrides());
  for (const std::string& warning : shared.warnings) std::cerr << "warning: " << warning << '\n';
  return shared;
}

}  // namespace orrery
