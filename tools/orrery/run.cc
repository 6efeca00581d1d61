// `orrery run FILE`: simulates a scenario; prints the report and writes what was asked for.
#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <optional>

#include "sim/base/digest.h"
#include "sim/base/error.h"
#include "sim/base/write_file.h"
#include "tools/orrery/fold_option.h"
#include "tools/orrery/run_directory.h"
#include "tools/orrery/run_jobs.h"
#include "tools/orrery/scenario_file.h"
#include "tools/orrery/simulate.h"
#include "tools/orrery/terminal.h"
#include "tools/orrery/trace_file.h"
#include "tools/orrery/traced_ranks.h"
#include "tools/orrery/verb.h"

namespace orrery {
namespace {

struct RunRequest {
  ScenarioRequest scenario;
  std::string json;
  std::string trace;
  std::string trace_ranks = "auto";
  std::string trace_detail = "op";
  Folding fold = Folding::kAuto;
  std::string directory;
  bool quiet = false;
  bool no_color = false;
  bool strict = false;

  [[nodiscard]] bool traces() const { return !trace.empty() || !directory.empty(); }
};

// Which ranks a trace shows is the user's business, so what `auto` left out is said.
TraceRequest trace_request(const RunRequest& request, const Program& program) {
  if (!request.traces()) return {};
  TraceRequest trace{.ranks = traced_ranks(request.trace_ranks, program), .kernels = request.trace_detail == "kernel"};
  const std::size_t ranks = program.role_of_rank.size();
  if (!request.quiet && request.trace_ranks == "auto" && trace.ranks.size() < ranks)
    std::cerr << fmt::format("trace: {} of {} ranks, the first of each role; --trace-ranks chooses others\n",
                             trace.ranks.size(), ranks);
  return trace;
}

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
  if (request.traces())
    throw InputError(SourceSpan{request.scenario.file, 0, 0, 1, ""},
                     "traces and run directories are of one job: this scenario has several");
  return run_jobs(
      shared, {.json = request.json, .quiet = request.quiet, .no_color = request.no_color, .strict = request.strict});
}

int run_scenario(const RunRequest& request) {
  const Stopwatch watch;
  if (!request.trace.empty()) check_trace_name(request.trace);
  if (request.scenario.has_jobs()) return run_several(request);
  const std::unique_ptr<const Readied> readied =
      ready([&](Extent extent) { return request.scenario.read(extent); }, request.fold,
            request.traces() ? Extent::kWhole : Extent::kExcerpt);
  const Scenario& scenario = readied->scenario;
  const Prepared& prepared = readied->prepared;
  say_warnings(scenario);

  Watchers watchers;
  const TraceRequest traced = trace_request(request, prepared.program);
  std::optional<TraceFile> trace;
  if (!request.trace.empty()) trace.emplace(request.trace, prepared, traced).watch(watchers);
  std::optional<RunDirectory> directory;
  if (!request.directory.empty()) directory.emplace(request.directory, prepared, traced).watch(watchers);

  std::optional<ProgressBar> bar(!request.quiet);
  watchers.progress = [&](double done_fraction) { bar->show(done_fraction); };
  const Simulation simulation = simulate(prepared, readied->fold, watchers);
  bar.reset();

  const Report& report = simulation.report;
  for (std::size_t i = scenario.warnings.size(); i < report.warnings.size(); ++i)
    std::cerr << "warning: " << report.warnings[i] << '\n';
  const std::string cost = own_cost(watch, simulation.result.events);
  if (trace) trace->commit();
  if (directory) directory->commit(simulation, log_of(request, scenario, simulation, cost));
  if (!request.json.empty() && request.json != "-") write_file(request.json, to_json(report));
  if (request.json == "-")
    std::cout << to_json(report);
  else if (!request.quiet)
    std::cout << to_text(report, stdout_takes_colour() && !request.no_color);
  std::cout.flush();
  if (!request.quiet && simulation.folded) std::cerr << fold_line(*simulation.folded) << '\n';
  if (!request.quiet) std::cerr << cost << '\n';
  return request.strict && !report.memory.fits() ? kRefused : kDone;
}

std::function<int()> declare_run(CLI::App& command) {
  const auto request = std::make_shared<RunRequest>();
  request->scenario.declare(command);
  command.add_option("--json", request->json, "write the report as JSON; `-` prints it instead of the text")
      ->type_name("OUT");
  command.add_option("--trace", request->trace, "write a trace: .pftrace for Perfetto, .json for Chrome's format")
      ->type_name("OUT");
  command
      .add_option("--trace-ranks", request->trace_ranks,
                  "what traces show: all, a list such as 0,8,64-71, or auto (all up to 16, else one of each role)")
      ->type_name("RANKS");
  command.add_option("--trace-detail", request->trace_detail, "op, or kernel: the kernels inside each op as well")
      ->check(CLI::IsMember({"op", "kernel"}))
      ->type_name("DETAIL");
  command
      .add_option("-o,--output", request->directory,
                  "leave a run directory: resolved input, result, ops and links as CSV, trace, log")
      ->type_name("DIR");
  declare_fold(command, request->fold);
  command.add_flag("--strict", request->strict, "exit with 3 when the job doesn't fit in memory");
  command.add_flag("-q,--quiet", request->quiet, "no text report, no progress, no closing line");
  command.add_flag("--no-color", request->no_color, "no colour on a terminal either");
  return [request] { return run_scenario(*request); };
}

const Verbs::Entry kRun{{"run", "Simulate a scenario and report where the time went", &declare_run}};

}  // namespace
}  // namespace orrery
