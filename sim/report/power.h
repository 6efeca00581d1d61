// Power over time: the whole machine's and each role's, while a run is played; how far it swings and how fast.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/kernel/engine.h"
#include "sim/kernel/fold.h"
#include "sim/report/energy_series.h"
#include "sim/report/report.h"

namespace orrery {

// A step's power in bins, for traces and tables.
struct PowerSeries {
  Duration width;
  Duration step;
  double pue = 1;
  std::vector<double> machine;  // watts by bin, without the facility's share
  struct Role {
    std::string name;
    std::vector<double> chip;  // watts of a chip by bin, mean over the role's ranks
  };
  std::vector<Role> roles;  // none where there are too many to keep
};

// Collects energy from spans. A segment's FLOPs and HBM bytes, and what communication draws (RunOptions::joules), are
// spread evenly over their spans; idle power, nodes, switch ports and transceivers are drawn all the time.
//
// Memory: kBins numbers for the machine and for each role, up to kMostRoles of them. Whole nanojoules a span times the
// ranks that it stands for: folded and unfolded runs give the same sums.
class PowerSink : public SpanSink {
 public:
  static constexpr std::size_t kMostRoles = 64;

  // `fold`: of the run, if it has one. All must outlive this.
  PowerSink(const Scenario& scenario, const Program& program, const Placement& placement, const Fold* fold = nullptr);

  void span(const Span& span) override;
  [[nodiscard]] Report::Power finish(Duration step) const;
  [[nodiscard]] PowerSeries series(Duration step) const;

 private:
  const Scenario* scenario_;
  const Program* program_;
  Watts steady_;                        // of the whole machine that is used
  std::vector<std::uint32_t> weights_;  // by rank: how many of the whole it stands for
  std::vector<std::int64_t> segments_;  // nanojoules of each
  std::vector<double> ranks_;           // by role, of the whole
  EnergySeries machine_;
  std::vector<EnergySeries> roles_;  // what chips draw; empty: too many roles
  EnergySeries chips_;               // of all roles
};

// What to say where chips would draw more than their limit: the model doesn't slow their clocks down. Nothing if not.
[[nodiscard]] std::optional<std::string> over_limit(const Report::Power& power);

}  // namespace orrery
