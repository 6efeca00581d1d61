// The main path once a size, on a file with a few keys put over its own.
#include "tools/orrery/scaled_scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>

#include "sim/base/error.h"
#include "tools/orrery/terminal.h"
#include "workloads/memory.h"

namespace orrery {
namespace {

constexpr std::int64_t kMostSimulated = ScenarioLimits{}.chips;

Scenario read_own(const ScenarioRequest& request, const std::filesystem::path& path) {
  if (request.has_jobs())
    throw InputError(SourceSpan{path.string(), 0, 0, 1, ""}, "one job is scaled: this scenario has several");
  return request.load();
}

struct DoesNotFit {
  std::string why;
};

// Before anything is made of it.
Scenario fitting(Scenario scenario) {
  const std::string needs = advice_of(scenario);
  if (!needs.empty()) throw DoesNotFit{"doesn't fit in memory: " + needs};
  return scenario;
}

}  // namespace

ScaledScenario::ScaledScenario(const ScenarioRequest& request, const ScaleChoice& choice)
    : library_(Library::standard()),
      path_(find_scenario(library_, request.file)),
      overrides_(request.overrides(path_)),
      own_(read_own(request, path_)),
      key_(own_.scale.value_or(ScaleKey{})) {
  if (choice.grows) key_.grows = *choice.grows;
  if (choice.mode) key_.mode = *choice.mode;
  if (!choice.chips.empty()) key_.chips = choice.chips;
  yaml::Map map(yaml::load(path_, overrides_), "a scenario");
  names_chips_ = map.optional("chips").has_value();
  if (!key_.chips.empty()) return;
  const std::uint64_t held = chips_held(library_.resolve(map.required("cluster"), "topology/clusters", "cluster"));
  const auto most = static_cast<std::int64_t>(std::min(held, static_cast<std::uint64_t>(kMostSimulated)));
  key_.chips = own_.workload ? doubled_sizes(*own_.workload, most) : doubled_sizes(own_.plan, key_.grows, most);
}

Scenario ScaledScenario::at_size(const GrownPlan& grown, Extent extent) const {
  std::vector<yaml::Override> overrides = overrides_;
  for (yaml::Override& one : overrides_of(grown, names_chips_)) overrides.push_back(std::move(one));
  return read_scenario(library_, yaml::load(path_, overrides), path_.stem().string(), {}, extent);
}

ScaleRow ScaledScenario::row(bool weak, std::int64_t chips, Folding folding,
                             const std::function<void(double)>& progress) const {
  ScaleRow row;
  row.chips = chips;
  const GrownPlan grown =
      own_.workload ? grow(*own_.workload, key_.grows, weak, chips) : grow(own_.plan, key_.grows, weak, chips);
  row.refusal = grown.refusal;
  if (!row.refusal.empty()) return row;
  try {
    const Stopwatch watch;
    forget_peak_memory();
    const std::unique_ptr<const Readied> readied =
        ready([&](Extent extent) { return fitting(at_size(grown, extent)); }, folding);
    Watchers watchers;
    watchers.progress = progress;
    row.report = simulate(readied->prepared, readied->fold, watchers).report;
    row.cost = ScaleCost{watch.seconds(), peak_memory()};
  } catch (const DoesNotFit& fault) {
    row.refusal = fault.why;
  } catch (const InputError& error) {
    row.refusal = error.message();
  } catch (const RunError& error) {
    row.refusal = error.what();
    row.failed = true;
  } catch (const std::bad_alloc&) {
    row.refusal = "simulating this size takes more memory than this machine gives";
    row.failed = true;
  }
  return row;
}

ScaleCurve ScaledScenario::curve(bool weak) const {
  ScaleCurve curve;
  curve.scenario = own_.name;
  curve.cluster = own_.cluster->name;
  curve.chip = own_.cluster->fabric.chip_spec().name;
  curve.model = own_.model.name;
  curve.sample = own_.model.sample();
  curve.stack = own_.stack.name;
  curve.network = own_.network;
  curve.grows = to_name(key_.grows);
  curve.weak = weak;
  if (own_.workload) curve.sample = own_.workload->sample();
  return curve;
}

}  // namespace orrery
