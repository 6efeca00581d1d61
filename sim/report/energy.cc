// Multiplies work by joules a unit, and steady watts by the step.
#include "sim/report/energy.h"

#include <algorithm>

#include "sim/network/resources.h"
#include "sim/report/cable_ends.h"

namespace orrery {
namespace {

std::size_t nodes_in_use(const Fabric& fabric, const Placement& placement) {
  std::vector<bool> used(fabric.node_count(), false);
  for (const ChipId chip : placement) used[fabric.node_of(chip)] = true;
  return static_cast<std::size_t>(std::count(used.begin(), used.end(), true));
}

}  // namespace

SteadyPower steady_power(const Cluster& cluster, const Placement& placement) {
  const Fabric& fabric = cluster.fabric;
  SteadyPower steady;
  steady.chips = fabric.chip_spec().power.idle * static_cast<double>(placement.size());
  steady.nodes = cluster.node_overhead * static_cast<double>(nodes_in_use(fabric, placement));
  if (cluster.switch_port == Watts() && cluster.transceiver == Watts()) return steady;
  const CableEnds ends = cable_ends(fabric, placement);
  steady.switch_ports = cluster.switch_port * ends.at_switches;
  steady.transceivers = cluster.transceiver * ends.all;
  return steady;
}

std::vector<Report::EnergyPart> energy_parts(const Scenario& scenario, const Placement& placement,
                                             const RunResult& result, const StepWork& work) {
  const Fabric& fabric = scenario.cluster->fabric;
  const Power power = power_of(scenario);
  const Resources resources(fabric);
  std::array<double, kLinkKinds> links{};
  for (std::size_t i = 0; i < fabric.links().size(); ++i) {
    const Link& link = fabric.links()[LinkId(i)];
    links[static_cast<std::size_t>(link.kind)] +=
        result.resource_work[resources.link(LinkId(i)).index()] * link.joules_per_byte;
  }

  std::vector<Report::EnergyPart> parts;
  Joules sum;
  const auto add = [&](std::string name, Joules energy) {
    sum += energy;
    if (energy > Joules()) parts.push_back({std::move(name), energy});
  };
  const SteadyPower steady = steady_power(*scenario.cluster, placement);
  add("idle", steady.chips * result.step);
  for (std::size_t p = 0; p < kPrecisionCount; ++p)
    add("arithmetic_" + std::string(to_name(static_cast<Precision>(p))),
        Joules(work.flops[p] * power.joules_per_flop[p]));
  add("arithmetic_vector", Joules(work.vector_flops * power.joules_per_vector_flop));
  add("hbm", Joules(work.hbm_bytes * power.joules_per_hbm_byte));
  for (std::size_t kind = 0; kind < kLinkKinds; ++kind)
    add(std::string(to_name(static_cast<LinkKind>(kind))), Joules(links[kind]));
  add("switch_ports", steady.switch_ports * result.step);
  add("transceivers", steady.transceivers * result.step);
  add("node_overhead", steady.nodes * result.step);
  add("facility", sum * (scenario.cluster->pue - 1));
  return parts;
}

std::vector<double> joules_by_resource(const Fabric& fabric) {
  const Resources resources(fabric);
  std::vector<double> joules(resources.size(), 0);
  for (std::size_t chip = 0; chip < fabric.chip_count(); ++chip)
    joules[resources.hbm(ChipId(chip)).index()] = fabric.chip_spec().power.joules_per_hbm_byte;
  for (std::size_t i = 0; i < fabric.links().size(); ++i)
    joules[resources.link(LinkId(i)).index()] = fabric.links()[LinkId(i)].joules_per_byte;
  return joules;
}

}  // namespace orrery
