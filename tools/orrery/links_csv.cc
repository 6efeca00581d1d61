// Writes the load of links as rows.
#include "tools/orrery/links_csv.h"

#include <fmt/format.h>

#include <array>

#include "sim/network/resources.h"

namespace orrery {

std::string links_csv(const Fabric& fabric, const RunResult& result) {
  const Resources resources(fabric);
  const double step = result.step.in_seconds();
  std::array<bool, kTierCount> crossed{};
  for (std::size_t i = 0; i < fabric.links().size(); ++i) {
    const LinkId id(i);
    if (result.resource_work[resources.link(id).index()] > 0)
      crossed[static_cast<std::size_t>(fabric.links()[id].tier)] = true;
  }

  std::string csv = "from,to,tier,kind,bandwidth_bytes_per_s,bytes,utilization\n";
  for (std::size_t i = 0; i < fabric.links().size(); ++i) {
    const LinkId id(i);
    const Link& link = fabric.links()[id];
    if (link.kind == LinkKind::kOnPackage || !crossed[static_cast<std::size_t>(link.tier)]) continue;
    const double bytes = result.resource_work[resources.link(id).index()];
    const double capacity = resources.capacities()[resources.link(id).index()];
    csv += fmt::format("{},{},{},{},{},{:.0f},{:.6f}\n", fabric.vertices()[link.from].name,
                       fabric.vertices()[link.to].name, to_name(link.tier), to_name(link.kind),
                       link.bandwidth.bytes_per_second(), bytes, step > 0 ? bytes / (step * capacity) : 0.0);
  }
  return csv;
}

}  // namespace orrery
