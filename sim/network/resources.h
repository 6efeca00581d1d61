// The solver's resources are the fabric's own vertices and links: this is the numbering between them.
#pragma once

#include <vector>

#include "sim/fluid/max_min.h"
#include "sim/network/network.h"
#include "topology/fabric.h"

namespace orrery {

// Resource order: chips' engines (capacity 1: engine-seconds a second), chips' HBMs (bytes/s × efficiency), links
// (bytes/s × efficiency). On-package links draw on their HBM and have no resource of their own.
class Resources {
 public:
  explicit Resources(const Fabric& fabric);
  [[nodiscard]] ResourceId engine(ChipId chip) const { return ResourceId(chip.index()); }
  [[nodiscard]] ResourceId hbm(ChipId chip) const { return ResourceId(chips_ + chip.index()); }
  [[nodiscard]] ResourceId link(LinkId link) const { return ResourceId(2 * chips_ + link.index()); }
  [[nodiscard]] const std::vector<double>& capacities() const { return wires_.capacities; }
  [[nodiscard]] const Wires& wires() const { return wires_; }
  [[nodiscard]] std::size_t size() const { return wires_.capacities.size(); }

 private:
  std::size_t chips_ = 0;
  Wires wires_;
};

}  // namespace orrery
