// What a step costs in joules, part by part: what is drawn all the time, and what work adds.
#pragma once

#include <vector>

#include "sim/report/report.h"
#include "sim/report/work.h"

namespace orrery {

// Drawn from beginning to end, busy or not, by what is built here; without the facility's share.
struct SteadyPower {
  Watts chips;  // in use, idle
  Watts nodes;  // the overhead of those in use
  // At the ends of the network cables that the chips in use need (cable_ends.h).
  Watts switch_ports;
  Watts transceivers;

  [[nodiscard]] Watts total() const { return chips + nodes + switch_ports + transceivers; }
};
[[nodiscard]] SteadyPower steady_power(const Cluster& cluster, const Placement& placement);

// Steady power over the step; beyond it joules for each FLOP executed, at its precision, each HBM byte and each byte on
// each link, by kind of link. The facility adds (PUE − 1) × all of it. Parts of 0 J are left out. `work`: of what is
// built.
[[nodiscard]] std::vector<Report::EnergyPart> energy_parts(const Scenario& scenario, const Placement& placement,
                                                           const RunResult& result, const StepWork& work);

// By ResourceId, joules of a byte drawn from an HBM or carried by a link: for RunOptions::joules.
[[nodiscard]] std::vector<double> joules_by_resource(const Fabric& fabric);

}  // namespace orrery
