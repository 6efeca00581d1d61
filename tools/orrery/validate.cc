// `orrery validate FILE`: everything that `run` would check before it starts, without running.
#include <fmt/format.h>

#include <cmath>
#include <iostream>
#include <memory>

#include "sim/kernel/excerpt.h"
#include "tools/orrery/scenario_file.h"
#include "tools/orrery/verb.h"

namespace orrery {
namespace {

std::string said_of(const std::string& name, const Scenario& scenario) {
  const Program program = program_of(scenario);
  std::size_t ops = 0;
  for (const std::uint32_t role : program.role_of_rank) ops += program.roles[role].ops.size();
  ops = static_cast<std::size_t>(std::llround(static_cast<double>(ops) * ranks_per_rank(program)));
  const std::string advice = advice_of(scenario);
  return fmt::format("{}: {} on {} chips of {}, {} ops a step; memory: {}\n", name, scenario.model.name,
                     scenario.plan.chips(), scenario.cluster->name, ops, advice.empty() ? "fits" : advice);
}

int validate(const ScenarioRequest& request) {
  std::string text;
  if (request.has_jobs()) {
    for (const Scenario& job : request.load_jobs().jobs) text += said_of(request.file + ": " + job.name, job);
  } else {
    const Scenario scenario = request.read(Extent::kExcerpt);
    say_warnings(scenario);
    try {
      text = said_of(request.file, scenario);
    } catch (const NotAlike&) {
      text = said_of(request.file, request.read(Extent::kWhole));
    }
  }
  std::cout << text;
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
