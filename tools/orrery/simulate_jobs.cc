// SharedScenario → Programs → run_together → a report for each job and one for all.
#include "tools/orrery/simulate_jobs.h"

#include <algorithm>
#include <memory>

#include "sim/report/breakdown.h"
#include "tools/orrery/simulate.h"

namespace orrery {
namespace {

// A job ready to run, with what listens to it.
struct Guest {
  explicit Guest(const Scenario& scenario) : prepared(scenario), breakdown(prepared.program) {}

  Prepared prepared;
  BreakdownSink breakdown;
};

Tenant tenant_of(Guest& guest, Duration start, bool listening) {
  const Scenario& scenario = *guest.prepared.scenario;
  Tenant tenant{.name = scenario.name,
                .job = guest.prepared.job(),
                .costs = scenario.stack.communication,
                .library = scenario.library ? &*scenario.library : nullptr,
                .sinks = {},
                .start = start};
  if (listening) tenant.sinks = {&guest.breakdown};
  return tenant;
}

// What of the scenario changed nothing, the jobs taken together.
std::vector<std::string> idle_together(const SharedScenario& shared, const std::vector<RunResult>& results) {
  std::vector<double> work(results.front().resource_work.size(), 0);
  Time end;
  for (std::size_t i = 0; i < results.size(); ++i) {
    for (std::size_t r = 0; r < work.size(); ++r) work[r] += results[i].resource_work[r];
    end = std::max(end, Time() + shared.starts[i] + results[i].step);
  }
  return idle_disturbances(shared.jobs.front(), end, work);
}

}  // namespace

SharedSimulation simulate_jobs(const SharedScenario& shared, const std::function<void(double)>& progress) {
  std::vector<std::unique_ptr<Guest>> guests;
  std::vector<Tenant> tenants;
  for (std::size_t i = 0; i < shared.jobs.size(); ++i) {
    guests.push_back(std::make_unique<Guest>(shared.jobs[i]));
    tenants.push_back(tenant_of(*guests.back(), shared.starts[i], true));
  }
  RunOptions options = options_of(shared.jobs.front());
  // Together, and then once more alone: two parts of about the same length.
  double before = 0;
  double part = 0.5;
  if (progress) options.progress = [&](Time, double done) { progress(before + part * done); };
  const std::vector<RunResult> results = run_together(tenants, options);

  SharedSimulation simulation;
  JobsReport& report = simulation.report;
  report.scenario = shared.name;
  report.cluster = shared.jobs.front().cluster->name;
  report.network = shared.jobs.front().network;
  report.warnings = shared.warnings;
  std::vector<const std::vector<double>*> works;
  before = part;
  part /= static_cast<double>(guests.size());
  for (std::size_t i = 0; i < guests.size(); ++i) {
    const Scenario& job = shared.jobs[i];
    const RunResult& together = results[i];
    const Tenant alone = tenant_of(*guests[i], shared.starts[i], false);
    const RunResult by_itself = run_together({&alone, 1}, options).front();
    before += part;
    report.rows.push_back(
        {job.name, guests[i]->prepared.placement.size(), shared.starts[i], by_itself.step, together.step});
    report.reports.push_back(
        summarize(job, guests[i]->prepared.program, together, guests[i]->breakdown.finish(Time() + together.step)));
    works.push_back(&together.resource_work);
    simulation.events += together.events + by_itself.events;
  }
  report.meetings = meetings_of(shared.jobs.front().cluster->fabric, works);
  for (std::string& remark : idle_together(shared, results)) report.warnings.push_back(std::move(remark));
  return simulation;
}

}  // namespace orrery
