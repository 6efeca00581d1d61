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

Simulation simulate(const Prepared& prepared, const Watchers& watchers) {
  const Scenario& scenario = *prepared.scenario;
  BreakdownSink breakdown(prepared.program);
  CounterFan counters(watchers.counters);
  RunOptions options;
  options.network = scenario.network;
  options.make_network = scenario.make_network;
  options.make_routing = scenario.make_routing;
  options.granularity = scenario.granularity;
  options.costs = scenario.stack.communication;
  options.sinks = watchers.spans;
  options.sinks.push_back(&breakdown);
  if (!watchers.counters.empty()) options.counters = &counters;
  options.counted = watchers.counted;
  if (watchers.progress) options.progress = [&](Time, double done_fraction) { watchers.progress(done_fraction); };

  RunResult result = run(prepared.job(), options);
  Report report = summarize(scenario, prepared.program, result, breakdown.finish(Time() + result.step));
  return {.result = std::move(result), .report = std::move(report)};
}

}  // namespace orrery
