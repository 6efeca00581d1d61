// `orrery run` on a scenario with several jobs: runs them together, then each alone.
#pragma once

#include <string>

#include "sim/scenario/jobs.h"

namespace orrery {

// What is to come of it.
struct JobsRequest {
  std::string json;  // where to, `-` for standard output, or nothing
  bool quiet = false;
  bool no_color = false;
  bool strict = false;
};

// The exit code.
[[nodiscard]] int run_jobs(const SharedScenario& shared, const JobsRequest& request);

}  // namespace orrery
