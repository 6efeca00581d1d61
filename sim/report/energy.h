// What a step costs in joules, part by part.
#pragma once

#include <vector>

#include "sim/report/report.h"

namespace orrery {

// Chips in use draw their idle power all the time, and beyond it for each FLOP executed (at the stack's precision),
// each HBM byte and each byte on each link, by kind of link. Each node in use adds its overhead, and the facility (PUE
// − 1) × all of it. Parts of 0 J are left out.
[[nodiscard]] std::vector<Report::EnergyPart> energy_parts(const Scenario& scenario, const Placement& placement,
                                                           const RunResult& result, FlopCount hardware_flops);

}  // namespace orrery
