// From a checked scenario to its report: the main path of the program.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "sim/kernel/fold.h"
#include "sim/report/power.h"
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
  std::vector<SpanSink*> spans;  // heed Span::ranks
  struct OfMembers {
    SpanSink* sink = nullptr;
    std::vector<RankId> ranks;  // hears of these, each by itself
  };
  std::vector<OfMembers> members;
  std::vector<CounterSink*> counters;
  std::vector<ResourceId> counted;                     // each counter sink hears of all of these
  std::function<void(double done_fraction)> progress;  // may be empty
};

// Whether one rank is played for all that behave alike (fold.h). kAuto: if it can be.
enum class Folding : std::uint8_t { kAuto, kOn, kOff };

struct Simulation {
  RunResult result;
  Report report;
  std::optional<Fold::Counts> folded;  // nothing: it was played rank by rank
  PowerSeries power;
};

// Nothing where the job can't be folded; RunError then under kOn. NotAlike as program_of().
[[nodiscard]] std::optional<Fold> fold_of(const Prepared& prepared, Folding folding);

// A scenario with its fold: an excerpt of it where that shows the whole, else all of it.
struct Readied {
  Readied(Scenario read, Folding folding)
      : scenario(std::move(read)), prepared(scenario), fold(fold_of(prepared, folding)) {}
  Readied(const Readied&) = delete;
  Readied& operator=(const Readied&) = delete;

  const Scenario scenario;
  const Prepared prepared;
  const std::optional<Fold> fold;
};
// `read` may be called twice. Just kWhole where the run is to be shown part by part (traces, run directories).
[[nodiscard]] std::unique_ptr<const Readied> ready(const std::function<Scenario(Extent)>& read, Folding folding,
                                                   Extent extent = Extent::kExcerpt);

// RunError when the run can't finish. `fold`: of what is prepared, if it has one.
[[nodiscard]] Simulation simulate(const Prepared& prepared, const std::optional<Fold>& fold,
                                  const Watchers& watchers = {});

// What a scenario says of the machine's network and of what disturbs it.
[[nodiscard]] RunOptions options_of(const Scenario& scenario);
// Events and background of a scenario that changed nothing in a run, each with why.
[[nodiscard]] std::vector<std::string> idle_disturbances(const Scenario& scenario, Time end,
                                                         const std::vector<double>& work);

}  // namespace orrery
