// Multiplies work by joules a unit.
#include "sim/report/energy.h"

#include <algorithm>
#include <array>

#include "sim/network/resources.h"

namespace orrery {
namespace {

constexpr std::size_t kLinkKinds = 5;

std::size_t nodes_in_use(const Fabric& fabric, const Placement& placement) {
  std::vector<bool> used(fabric.node_count(), false);
  for (const ChipId chip : placement) used[fabric.node_of(chip)] = true;
  return static_cast<std::size_t>(std::count(used.begin(), used.end(), true));
}

}  // namespace

std::vector<Report::EnergyPart> energy_parts(const Scenario& scenario, const Placement& placement,
                                             const RunResult& result, FlopCount hardware_flops) {
  const Fabric& fabric = scenario.cluster->fabric;
  const Power& power = fabric.chip_spec().power;
  const Resources resources(fabric);

  double hbm_bytes = 0;
  for (const ChipId chip : placement) hbm_bytes += result.resource_work[resources.hbm(chip).index()];
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
  add("idle", power.idle * result.step * static_cast<double>(placement.size()));
  const double per_flop = scenario.workload
                              ? scenario.workload->engine().joules_per_flop(fabric.chip_spec())
                              : power.joules_per_flop[static_cast<std::size_t>(scenario.stack.products())];
  add("arithmetic", Joules(hardware_flops.count() * per_flop));
  add("hbm", Joules(hbm_bytes * power.joules_per_hbm_byte));
  for (std::size_t kind = 0; kind < kLinkKinds; ++kind)
    add(std::string(to_name(static_cast<LinkKind>(kind))), Joules(links[kind]));
  add("node_overhead",
      scenario.cluster->node_overhead * result.step * static_cast<double>(nodes_in_use(fabric, placement)));
  add("facility", sum * (scenario.cluster->pue - 1));
  return parts;
}

}  // namespace orrery
