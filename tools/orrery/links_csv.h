// links.csv of a run directory: what each link carried in the step and how much of its time that took.
#pragma once

#include <string>

#include "sim/kernel/engine.h"
#include "topology/fabric.h"

namespace orrery {

// One row for each link, in order of id, but for on-package links and those of tiers that nothing crossed.
// `utilization` is bytes ÷ (step × bandwidth × efficiency).
[[nodiscard]] std::string links_csv(const Fabric& fabric, const RunResult& result);

}  // namespace orrery
