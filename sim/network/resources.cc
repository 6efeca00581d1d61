// Capacities of a fabric's engines, memories and links, in the order of Resources.
#include "sim/network/resources.h"

namespace orrery {

Resources::Resources(const Fabric& fabric) : chips_(fabric.chip_count()) {
  const Hbm& hbm = fabric.chip_spec().hbm;
  capacities_.reserve(2 * chips_ + fabric.links().size());
  capacities_.insert(capacities_.end(), chips_, 1.0);
  capacities_.insert(capacities_.end(), chips_, hbm.bandwidth.as_double() * hbm.efficiency);
  for (const Link& link : fabric.links()) capacities_.push_back(link.bandwidth.as_double() * link.efficiency);
}

}  // namespace orrery
