// Capacities of a fabric's engines, memories and links, in the order of Resources, and what its links are to a message.
#include "sim/network/resources.h"

namespace orrery {

namespace {

WireKind kind_of(const Fabric& fabric, const Link& link) {
  if (link.kind == LinkKind::kOnPackage) return WireKind::kNone;
  for (const VertexId end : {link.from, link.to})
    if (fabric.vertices()[end].kind != VertexKind::kSwitch) return WireKind::kPort;
  return WireKind::kInside;
}

}  // namespace

Resources::Resources(const Fabric& fabric) : chips_(fabric.chip_count()) {
  const Hbm& hbm = fabric.chip_spec().hbm;
  std::vector<double>& capacities = wires_.capacities;
  capacities.reserve(2 * chips_ + fabric.links().size());
  capacities.insert(capacities.end(), chips_, 1.0);
  capacities.insert(capacities.end(), chips_, hbm.bandwidth.as_double() * hbm.efficiency);
  wires_.latencies.resize(2 * chips_);
  wires_.kinds.resize(2 * chips_, WireKind::kNone);
  for (const Link& link : fabric.links()) {
    capacities.push_back(link.bandwidth.as_double() * link.efficiency);
    wires_.latencies.push_back(link.latency);
    wires_.kinds.push_back(kind_of(fabric, link));
  }
}

}  // namespace orrery
