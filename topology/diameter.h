// The longest of all routes between chips, in hops.
#pragma once

#include <cstdint>

#include "topology/fabric.h"

namespace orrery {

struct Diameter {
  std::uint32_t hops = 0;        // by the rules of Routes
  std::size_t destinations = 0;  // searched from; all chips: exact, fewer: of evenly spaced ones, a lower bound
};

// One search for each destination; when all chips as destinations would take more than `most_work` steps over links,
// fewer are taken, 16 at least. A pair without a path doesn't count.
[[nodiscard]] Diameter diameter(const Fabric& fabric, std::size_t most_work = 600'000'000);

}  // namespace orrery
