// `orrery validate FILE`: everything that `run` would check before it starts, without running.
#include <fmt/format.h>

#include <cmath>
#include <iostream>
#include <memory>

#include "sim/kernel/excerpt.h"
#include "sim/report/measures.h"
#include "sim/scenario/rl_file.h"
#include "sim/scenario/serve_file.h"
#include "sim/scenario/sweep_file.h"
#include "tools/orrery/scenario_file.h"
#include "tools/orrery/verb.h"

namespace orrery {
namespace {

std::string said_of(const std::string& name, const Scenario& scenario) {
  const Program program = program_of(scenario);
  std::size_t ops = 0;
  for (const std::uint32_t role : program.role_of_rank) ops += program.roles[role].ops.size();
  ops = static_cast<std::size_t>(std::llround(static_cast<double>(ops) * ranks_per_rank(program)));
  const std::string advice = scenario.traced ? "not recorded" : advice_of(scenario);
  return fmt::format("{}: {} on {} chips of {}, {} ops a step; memory: {}\n", name, scenario.model.name,
                     scenario.plan.chips(), scenario.cluster->name, ops, advice.empty() ? "fits" : advice);
}

// Of a file that names scenarios: what it asks of them. Empty: it is a scenario itself.
std::string said_of_others(const ScenarioRequest& request) {
  const Library library = Library::standard();
  const std::filesystem::path path = find_scenario(library, request.file);
  yaml::Map map(yaml::load(path), "a scenario");
  if (map.optional("question")) {
    std::vector<std::string> names;
    for (const Measure& measure : measures()) names.emplace_back(measure.name);
    const SweepFile sweep = load_sweep(library, path, names);
    return fmt::format("{}: a sweep of {} lines over {} points\n", request.file, sweep.lines.size(),
                       sweep.points.size());
  }
  if (map.optional("requests")) {
    const ServeFile serve = load_serve(library, path);
    return fmt::format("{}: a service of {}\n", request.file,
                       serve.apart ? fmt::format("{} instances that read prompts and {} that decode",
                                                 serve.prefill.instances, serve.decode.instances)
                                   : fmt::format("{} instances", serve.decode.instances));
  }
  if (!map.optional("rollout")) return "";
  const RlFile rl = load_rl(library, path);
  return fmt::format("{}: an iteration of a rollout of {} responses and {} parts\n", request.file, rl.prompts,
                     rl.parts.size());
}

int validate(const ScenarioRequest& request) {
  std::string text = said_of_others(request);
  if (!text.empty()) {
    std::cout << text;
    return kDone;
  }
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
