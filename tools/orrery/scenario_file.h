// How a verb takes a scenario: a file or the name of one in the library, and assignments over its keys.
#pragma once

#include <string>
#include <vector>

#include "sim/scenario/jobs.h"
#include "sim/scenario/scenario.h"
#include "tools/orrery/routing_option.h"
#include "tools/orrery/verb.h"

namespace orrery {

struct ScenarioRequest {
  std::string file;
  std::vector<std::string> assignments;  // "plan.tensor=4"
  std::string network;                   // short for network=NAME
  RoutingOption routing;                 // short for routing=NAME and routing.seed=N

  void declare(CLI::App& command);
  void declare_changes(CLI::App& command);  // all but the file
  [[nodiscard]] Scenario read(Extent extent) const;
  // All of it; warnings go to standard error.
  [[nodiscard]] Scenario load() const;
  [[nodiscard]] bool has_jobs() const;  // then it is for load_jobs()
  [[nodiscard]] SharedScenario load_jobs() const;
  // What stands over the file's keys, in order.
  [[nodiscard]] std::vector<yaml::Override> overrides(const std::filesystem::path& path) const;
};

// Says on standard error what the scenario warns of.
void say_warnings(const Scenario& scenario);

// The file itself, or the library's scenario of that name when there is no such file.
[[nodiscard]] std::filesystem::path find_scenario(const Library& library, const std::string& word);

}  // namespace orrery
