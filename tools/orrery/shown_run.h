// What every verb that runs one job does with it: traces while it runs, then the report as text or JSON.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tools/orrery/simulate.h"
#include "tools/orrery/terminal.h"
#include "tools/orrery/trace_file.h"
#include "tools/orrery/verb.h"

namespace orrery {

struct ShowRequest {
  std::string json;
  std::string trace;
  std::string trace_ranks = "auto";
  std::string trace_detail = "op";
  std::string trace_from;
  std::string trace_until;
  std::string trace_only;
  Folding fold = Folding::kAuto;
  bool quiet = false;
  bool no_color = false;

  void declare_output(CLI::App& command);  // --json, --trace and what it shows
  void declare_manner(CLI::App& command);  // --quiet, --no-color
};

// Others that follow the run; each may be empty.
struct Followers {
  std::vector<SpanSink*> sinks{};
  std::function<void(const Prepared& prepared, const TraceRequest& traced, Watchers& watchers)> watch;
  std::function<void(const Simulation& simulation, const std::string& cost)> commit;  // before anything is printed
};

// What a trace of this Program shows; says which ranks `auto` left out. InputError where it would show nothing.
[[nodiscard]] TraceRequest trace_request(const ShowRequest& request, const Program& program);
// Warns where the run was over before what a trace was to show.
void say_empty_window(const TraceRequest& traced, Duration step);

// Runs it and prints what is asked for; returns the report. `watch`: since the verb began.
Report show_run(const ShowRequest& request, const Readied& readied, const Stopwatch& watch,
                const Followers& followers = {});

}  // namespace orrery
