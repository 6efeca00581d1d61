// Watchers on, run, watchers off, report out.
#include "tools/orrery/shown_run.h"

#include <fmt/format.h>

#include <iostream>
#include <optional>

#include "sim/base/error.h"
#include "sim/base/write_file.h"
#include "sim/base/yaml.h"
#include "tools/orrery/fold_option.h"
#include "tools/orrery/scenario_file.h"
#include "tools/orrery/trace_classes.h"
#include "tools/orrery/traced_ranks.h"

namespace orrery {
namespace {

Duration time_said(const std::string& text, const char* option, Duration otherwise) {
  return text.empty() ? otherwise : yaml::parse(text, option).duration();
}

// Whoever writes a gigabyte hears of it before.
void say_size(const ShowRequest& request, const TraceRequest& traced, const Program& program) {
  constexpr double kLarge = 256e6;
  constexpr double kGigabyte = 1e9;
  const double bytes = estimated_bytes(program, traced, request.trace.ends_with(".json"));
  if (request.quiet || bytes < kLarge) return;
  const bool window = traced.from > Time() || traced.until < Time::max();
  std::cerr << fmt::format(
      "trace: {} {:.1f} GB; --trace-ranks, --trace-from, --trace-until and --trace-only choose less\n",
      window ? "at most about" : "about", bytes / kGigabyte);
}

}  // namespace

TraceRequest trace_request(const ShowRequest& request, const Program& program) {
  TraceRequest traced{.ranks = traced_ranks(request.trace_ranks, program),
                      .kernels = request.trace_detail == "kernel",
                      .from = Time() + time_said(request.trace_from, "--trace-from", Duration()),
                      .until = request.trace_until.empty()
                                   ? Time::max()
                                   : Time() + time_said(request.trace_until, "--trace-until", Duration()),
                      .classes = read_trace_classes(request.trace_only)};
  if (traced.from >= traced.until)
    throw InputError(SourceSpan{"--trace-until", 0, 0, 1, ""},
                     traced.from == traced.until ? "is the same time as --trace-from: nothing would be shown"
                                                 : "comes before --trace-from: nothing would be shown");
  const std::size_t ranks = program.role_of_rank.size();
  if (!request.quiet && request.trace_ranks == "auto" && traced.ranks.size() < ranks)
    std::cerr << fmt::format("trace: {} of {} ranks, the first of each role; --trace-ranks chooses others\n",
                             traced.ranks.size(), ranks);
  return traced;
}

void say_empty_window(const TraceRequest& traced, Duration step) {
  if (traced.from > Time() && traced.from >= Time() + step)
    std::cerr << fmt::format("warning: the trace shows nothing: --trace-from is {}, and the run is over after {}\n",
                             to_text(traced.from - Time()), to_text(step));
}

void ShowRequest::declare_output(CLI::App& command) {
  command.add_option("--json", json, "write the report as JSON; `-` prints it instead of the text")->type_name("OUT");
  command.add_option("--trace", trace, "write a trace: .pftrace for Perfetto, .json for Chrome's format")
      ->type_name("OUT");
  command
      .add_option("--trace-ranks", trace_ranks,
                  "what traces show: all, a list such as 0,8,64-71, or auto (all up to 16, else one of each role)")
      ->type_name("RANKS");
  command.add_option("--trace-detail", trace_detail, "op, or kernel: the kernels inside each op as well")
      ->check(CLI::IsMember({"op", "kernel"}))
      ->type_name("DETAIL");
  command
      .add_option("--trace-from", trace_from, "what traces show: only ops that go on then or begin later, as `5 ms`")
      ->type_name("TIME");
  command.add_option("--trace-until", trace_until, "only ops that have begun before then")->type_name("TIME");
  command
      .add_option("--trace-only", trace_only,
                  "only these kinds, of compute, collective, message, host and counters, as `compute,collective`")
      ->type_name("KINDS");
}

void ShowRequest::declare_manner(CLI::App& command) {
  command.add_flag("-q,--quiet", quiet, "no text report, no progress, no closing line");
  command.add_flag("--no-color", no_color, "no colour on a terminal either");
}

Report show_run(const ShowRequest& request, const Readied& readied, const Stopwatch& watch,
                const Followers& followers) {
  const Scenario& scenario = readied.scenario;
  const Prepared& prepared = readied.prepared;
  say_warnings(scenario);

  Watchers watchers;
  watchers.spans = followers.sinks;
  if (request.trace.empty() && !followers.watch &&
      !(request.trace_from.empty() && request.trace_until.empty() && request.trace_only.empty()))
    throw InputError(SourceSpan{"--trace-from, --trace-until, --trace-only", 0, 0, 1, ""},
                     "choose what a trace shows, and none is written: --trace does");
  std::optional<TraceFile> trace;
  TraceRequest traced;
  if (!request.trace.empty() || followers.watch) traced = trace_request(request, prepared.program);
  if (!request.trace.empty()) {
    say_size(request, traced, prepared.program);
    trace.emplace(request.trace, prepared, traced).watch(watchers);
  }
  if (followers.watch) followers.watch(prepared, traced, watchers);

  std::optional<ProgressBar> bar(!request.quiet);
  watchers.progress = [&](double done_fraction) { bar->show(done_fraction); };
  Simulation simulation = simulate(prepared, readied.fold, watchers);
  bar.reset();

  const Report& report = simulation.report;
  for (std::size_t i = scenario.warnings.size(); i < report.warnings.size(); ++i)
    std::cerr << "warning: " << report.warnings[i] << '\n';
  say_empty_window(traced, simulation.result.step);
  const std::string cost = own_cost(watch, simulation.result.events);
  if (trace) trace->commit(simulation.power);
  if (followers.commit) followers.commit(simulation, cost);
  if (!request.json.empty() && request.json != "-") write_file(request.json, to_json(report));
  if (request.json == "-")
    std::cout << to_json(report);
  else if (!request.quiet)
    std::cout << to_text(report, stdout_takes_colour() && !request.no_color);
  std::cout.flush();
  if (!request.quiet && simulation.folded) std::cerr << fold_line(*simulation.folded) << '\n';
  if (!request.quiet) std::cerr << cost << '\n';
  return std::move(simulation.report);
}

}  // namespace orrery
