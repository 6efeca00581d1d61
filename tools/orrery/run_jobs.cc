// Prints the table over jobs and their reports, or writes them as JSON.
#include "tools/orrery/run_jobs.h"

#include <algorithm>
#include <iostream>
#include <optional>

#include "sim/base/write_file.h"
#include "tools/orrery/simulate_jobs.h"
#include "tools/orrery/terminal.h"
#include "tools/orrery/verb.h"

namespace orrery {

int run_jobs(const SharedScenario& shared, const JobsRequest& request) {
  const Stopwatch watch;
  std::optional<ProgressBar> bar(!request.quiet);
  const SharedSimulation simulation = simulate_jobs(shared, [&](double done) { bar->show(done); });
  bar.reset();
  const JobsReport& report = simulation.report;
  for (std::size_t i = shared.warnings.size(); i < report.warnings.size(); ++i)
    std::cerr << "warning: " << report.warnings[i] << '\n';
  const std::string cost = own_cost(watch, simulation.events);
  if (!request.json.empty() && request.json != "-") write_file(request.json, to_json(report));
  if (request.json == "-") {
    std::cout << to_json(report);
  } else if (!request.quiet) {
    std::cout << to_text(report, stdout_takes_colour() && !request.no_color);
  }
  std::cout.flush();
  if (!request.quiet) std::cerr << cost << '\n';
  const bool fit =
      std::all_of(report.reports.begin(), report.reports.end(), [](const Report& job) { return job.memory.fits(); });
  return request.strict && !fit ? kRefused : kDone;
}

}  // namespace orrery
