// Scenario → Program and Placement → run → Breakdown → Report.
#include "tools/orrery/simulate.h"

#include "sim/report/breakdown.h"

namespace orrery {
namespace {

// One sink that several hear.
class CounterFan : public CounterSink {
 public:
  explicit CounterFan(const std::vector<CounterSink*>& sinks) : sinks_(sinks) {}
  void counter(ResourceId resource, Time at, double load) override {
    for (CounterSink* sink : sinks_) sink->counter(resource, at, load);
  }

 private:
  const std::vector<CounterSink*>& sinks_;
};

}  // namespace

Prepared::Prepared(const Scenario& checked)
    : scenario(&checked), program(program_of(checked)), placement(placement_of(checked)) {}

RunOptions options_of(const Scenario& scenario) {
  RunOptions options;
  options.network = scenario.network;
  options.make_network = scenario.make_network;
  options.granularity = scenario.granularity;
  options.costs = scenario.stack.communication;
  options.changes = changes_of(scenario.events);
  options.background = flows_of(scenario.background);
  return options;
}

std::vector<std::string> idle_disturbances(const Scenario& scenario, Time end, const std::vector<double>& work) {
  std::vector<std::string> said = idle_events(scenario.events, end, work);
  for (std::string& one : idle_background(scenario.background, scenario.cluster->fabric, scenario.network, end, work))
    said.push_back(std::move(one));
  return said;
}

Simulation simulate(const Prepared& prepared, const Watchers& watchers) {
  const Scenario& scenario = *prepared.scenario;
  BreakdownSink breakdown(prepared.program);
  CounterFan counters(watchers.counters);
  RunOptions options = options_of(scenario);
  options.sinks = watchers.spans;
  options.sinks.push_back(&breakdown);
  if (!watchers.counters.empty()) options.counters = &counters;
  options.counted = watchers.counted;
  if (watchers.progress) options.progress = [&](Time, double done_fraction) { watchers.progress(done_fraction); };

  RunResult result = run(prepared.job(), options);
  Report report = summarize(scenario, prepared.program, result, breakdown.finish(Time() + result.step));
  for (std::string& remark : idle_disturbances(scenario, Time() + result.step, result.resource_work))
    report.warnings.push_back(std::move(remark));
  return {.result = std::move(result), .report = std::move(report)};
}

}  // namespace orrery
