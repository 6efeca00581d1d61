// From a scenario with several jobs to how they get on: all together, then each alone.
#pragma once

#include <functional>

#include "sim/report/jobs_report.h"
#include "sim/scenario/jobs.h"

namespace orrery {

struct SharedSimulation {
  JobsReport report;
  std::uint64_t events = 0;  // of all runs
};

// RunError when a job can't finish, together or alone. `progress` of all runs together; may be empty.
[[nodiscard]] SharedSimulation simulate_jobs(const SharedScenario& shared,
                                             const std::function<void(double done_fraction)>& progress = {});

}  // namespace orrery
