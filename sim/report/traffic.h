// What each tier of links carried for the chips in use, and how long that would take at best.
#pragma once

#include <vector>

#include "sim/kernel/engine.h"

namespace orrery {

struct TierTraffic {
  Tier tier = Tier::kHbm;
  // Over the one-way links of the tier that serve chips in use: those whose ends are both nearest to such a chip, among
  // others perhaps.
  double mean_utilization = 0;
  double highest_utilization = 0;
  LinkId busiest;
  // Of the tier's links that stand one after another on the way out from the chips, those that need longest; of the two
  // directions the one that needs longer. Divided by the chips in use.
  double bytes_per_chip = 0;
  double rate_per_chip = 0;  // bytes/s, what long transfers get
};

// In order of tier; on-package links are left out, as HBM has resources of its own. Tiers without links are absent.
[[nodiscard]] std::vector<TierTraffic> tier_traffic(const Fabric& fabric, const Placement& placement,
                                                    const RunResult& result);

}  // namespace orrery
