// Scenario → Program and Placement → run → Breakdown → Report.
#include "tools/orrery/simulate.h"

#include <deque>

#include "sim/base/error.h"
#include "sim/kernel/excerpt.h"
#include "sim/report/breakdown.h"
#include "sim/report/energy.h"

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
  options.make_routing = scenario.make_routing;
  options.granularity = scenario.granularity;
  options.costs = scenario.stack.communication;
  options.library = scenario.library ? &*scenario.library : nullptr;
  options.changes = changes_of(scenario.events);
  options.background = flows_of(scenario.background);
  return options;
}

std::vector<std::string> idle_disturbances(const Scenario& scenario, Time end, const std::vector<double>& work) {
  std::vector<std::string> said = idle_events(scenario.events, end, work);
  for (std::string& one : idle_background(scenario.background, scenario.cluster->fabric, scenario.make_routing,
                                          scenario.network, end, work))
    said.push_back(std::move(one));
  return said;
}

std::optional<Fold> fold_of(const Prepared& prepared, Folding folding) {
  if (folding == Folding::kOff) return std::nullopt;
  const RunOptions options = options_of(*prepared.scenario);
  if (const std::optional<std::string> fault = fold_fault(prepared.job(), options)) {
    if (folding == Folding::kOn) throw RunError("this can't be folded: " + *fault);
    return std::nullopt;
  }
  return find_fold(prepared.job(), options);
}

std::unique_ptr<const Readied> ready(const std::function<Scenario(Extent)>& read, Folding folding, Extent extent) {
  if (extent == Extent::kExcerpt && folding != Folding::kOff) {
    try {
      return std::make_unique<const Readied>(read(Extent::kExcerpt), folding);
    } catch (const NotAlike&) {
      // The whole then, which may well be within reach.
    }
  }
  return std::make_unique<const Readied>(read(Extent::kWhole), folding);
}

Simulation simulate(const Prepared& prepared, const std::optional<Fold>& fold, const Watchers& watchers) {
  const Scenario& scenario = *prepared.scenario;
  BreakdownSink breakdown(prepared.program, fold ? &*fold : nullptr);
  PowerSink power(scenario, prepared.program, prepared.placement, fold ? &*fold : nullptr);
  CounterFan counters(watchers.counters);
  RunOptions options = options_of(scenario);
  options.joules = joules_by_resource(scenario.cluster->fabric);
  options.fold = fold ? &*fold : nullptr;
  options.sinks = watchers.spans;
  std::deque<MemberSpans> members;  // stay where they are
  for (const Watchers::OfMembers& watcher : watchers.members)
    options.sinks.push_back(fold ? &members.emplace_back(*fold, watcher.ranks, *watcher.sink) : watcher.sink);
  options.sinks.push_back(&breakdown);
  options.sinks.push_back(&power);
  if (!watchers.counters.empty()) options.counters = &counters;
  options.counted = watchers.counted;
  if (watchers.progress) options.progress = [&](Time, double done_fraction) { watchers.progress(done_fraction); };

  RunResult result = run(prepared.job(), options);
  Report report = summarize(scenario, prepared.program, result, breakdown.finish(Time() + result.step));
  for (std::string& remark : idle_disturbances(scenario, Time() + result.step, result.resource_work))
    report.warnings.push_back(std::move(remark));
  report.power = power.finish(result.step);
  if (const std::optional<std::string> remark = over_limit(*report.power)) report.warnings.push_back(*remark);
  PowerSeries series = power.series(result.step);
  Simulation simulation{
      .result = std::move(result), .report = std::move(report), .folded = {}, .power = std::move(series)};
  if (fold) simulation.folded = fold->counts();
  return simulation;
}

}  // namespace orrery
