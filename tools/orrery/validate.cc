// `orrery validate FILE`: everything that `run` would check before it starts, without running.
#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "tools/orrery/scenario_file.h"
#include "tools/orrery/verb.h"

namespace orrery {
namespace {

int validate(const ScenarioRequest& request) {
  const Scenario scenario = request.load();
  const Program program = program_of(scenario);
  const Placement placement = placement_of(scenario);
  std::size_t ops = 0;
  for (const std::uint32_t role : program.role_of_rank) ops += program.roles[role].ops.size();
  const std::string advice =
      orrery::advice(scenario.model, scenario.plan, scenario.stack, scenario.cluster.fabric.chip_spec());
  std::cout << fmt::format("{}: {} on {} chips of {}, {} ops a step; memory: {}\n", request.file, scenario.model.name,
                           placement.size(), scenario.cluster.name, ops, advice.empty() ? "fits" : advice);
  return kDone;
}

std::function<int()> declare_validate(CLI::App& command) {
  const auto request = std::make_shared<ScenarioRequest>();
  request->declare(command);
  return [request] { return validate(*request); };
}

const Verbs::Entry kValidate{
    {"validate", "Check a scenario and everything that it names, without running it", &declare_validate}};

}  // namespace
}  // namespace orrery
