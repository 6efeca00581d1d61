// `orrery run FILE`: simulates a scenario; prints the report and writes what was asked for.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "sim/base/digest.h"
#include "sim/base/error.h"
#include "sim/base/write_file.h"
#include "tools/orrery/chakra_folder.h"
#include "tools/orrery/fold_option.h"
#include "tools/orrery/record_replay.h"
#include "tools/orrery/run_directory.h"
#include "tools/orrery/run_jobs.h"
#include "tools/orrery/scenario_file.h"
#include "tools/orrery/shown_run.h"
#include "tools/orrery/verb.h"

namespace orrery {
namespace {

struct RunRequest {
  ScenarioRequest scenario;
  ShowRequest show;
  std::string directory;
  std::string chakra;
  std::string record;
  bool strict = false;

  // Part by part, so all of them.
  [[nodiscard]] bool shows_parts() const { return !show.trace.empty() || !directory.empty() || !chakra.empty(); }
};

std::string log_of(const RunRequest& request, const Scenario& scenario, const Simulation& simulation,
                   const std::string& cost) {
  std::string log = "orrery " ORRERY_VERSION "\n";
  log += fmt::format("scenario: {}\n", request.scenario.file);
  for (const std::string& assignment : request.scenario.assignments) log += fmt::format("set: {}\n", assignment);
  if (!request.scenario.network.empty()) log += fmt::format("set: network={}\n", request.scenario.network);
  if (request.scenario.routing.given()) log += fmt::format("set: routing={}\n", scenario.routing);
  log += fmt::format("config.resolved.yaml: fnv1a-128 {}\n", digest_of(scenario.resolved));
  log += fmt::format("result.json: fnv1a-128 {}\n", digest_of(to_json(simulation.report)));
  for (const std::string& warning : simulation.report.warnings) log += fmt::format("warning: {}\n", warning);
  log += fmt::format("events: {}\nops: {}\n{}\n", simulation.result.events, simulation.result.ops, cost);
  return log;
}

int run_several(const RunRequest& request) {
  const SharedScenario shared = request.scenario.load_jobs();
  if (request.shows_parts() || !request.record.empty())
    throw InputError(SourceSpan{request.scenario.file, 0, 0, 1, ""},
                     "traces, run directories and records are of one job: this scenario has several");
  const ShowRequest& show = request.show;
  return run_jobs(shared,
                  {.json = show.json, .quiet = show.quiet, .no_color = show.no_color, .strict = request.strict});
}

int run_scenario(const RunRequest& request) {
  const Stopwatch watch;
  const ShowRequest& show = request.show;
  if (!show.trace.empty()) check_trace_name(show.trace);
  if (request.scenario.has_jobs()) return run_several(request);
  const std::unique_ptr<const Readied> readied =
      ready([&](Extent extent) { return request.scenario.read(extent); }, show.fold,
            request.shows_parts() ? Extent::kWhole : Extent::kExcerpt);

  std::optional<RunDirectory> directory;
  Followers followers;
  if (!request.directory.empty()) {
    followers.watch = [&](const Prepared& prepared, const TraceRequest& traced, Watchers& watchers) {
      directory.emplace(request.directory, prepared, traced).watch(watchers);
    };
  }
  followers.commit = [&](const Simulation& simulation, const std::string& cost) {
    if (directory) directory->commit(simulation, log_of(request, readied->scenario, simulation, cost));
    if (!request.record.empty())
      write_file(request.record, to_bytes(record_of(request.scenario.file, readied->scenario, show.fold,
                                                    request.shows_parts(), simulation.report)));
    if (!request.chakra.empty())
      write_chakra(request.chakra, find_scenario(Library::standard(), request.scenario.file).stem().string(),
                   readied->prepared);
  };
  const Report report = show_run(show, *readied, watch, followers);
  return request.strict && !report.memory.fits() ? kRefused : kDone;
}

std::function<int()> declare_run(CLI::App& command) {
  const auto request = std::make_shared<RunRequest>();
  request->scenario.declare(command);
  request->show.declare_output(command);
  command
      .add_option("-o,--output", request->directory,
                  "leave a run directory: resolved input, result, ops, links and power as CSV, trace, log")
      ->type_name("DIR");
  command
      .add_option("--chakra", request->chakra,
                  "write a Chakra execution trace of each rank, and groups.json, to a folder: for `orrery replay`")
      ->type_name("DIR");
  command
      .add_option("--record", request->record,
                  "leave the whole run in one file, for `orrery replay` and `orrery diff`: inputs, result, digest")
      ->type_name("OUT.orrery");
  declare_fold(command, request->show.fold);
  command.add_flag("--strict", request->strict, "exit with 3 when the job doesn't fit in memory");
  request->show.declare_manner(command);
  return [request] { return run_scenario(*request); };
}

const Verbs::Entry kRun{{"run", "Simulate a scenario and report where the time went", &declare_run}};

}  // namespace
}  // namespace orrery
