// From a checked scenario to its report: the main path of the program.
#pragma once

#include <functional>
#include <vector>

#include "sim/report/report.h"
#include "sim/scenario/scenario.h"

namespace orrery {

// A scenario made ready to run; `scenario` must outlive it.
struct Prepared {
  explicit Prepared(const Scenario& scenario);
  [[nodiscard]] Job job() const { return {&scenario->cluster->fabric, &program, &placement}; }

  const Scenario* scenario;
  Program program;
  Placement placement;
};

// Who watches a run beside the report.
struct Watchers {
  std::vector<SpanSink*> spans;
  std::vector<CounterSink*> counters;
  std::vector<ResourceId> counted;                     // each counter sink hears of all of these
  std::function<void(double done_fraction)> progress;  // may be empty
};

struct Simulation {
  RunResult result;
  Report report;
};

// RunError when the run can't finish.
[[nodiscard]] Simulation simulate(const Prepared& prepared, const Watchers& watchers = {});

// What a scenario says of the machine's network and of what disturbs it.
[[nodiscard]] RunOptions options_of(const Scenario& scenario);
// Events and background of a scenario that changed nothing in a run, each with why.
[[nodiscard]] std::vector<std::string> idle_disturbances(const Scenario& scenario, Time end,
                                                         const std::vector<double>& work);

}  // namespace orrery
