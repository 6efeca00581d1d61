// Whether every chip can reach every other, and if not, two that can't.
#pragma once

#include <optional>

#include "topology/fabric.h"

namespace orrery {

struct ChipPair {
  ChipId from;
  ChipId to;
};

// Empty when the fabric is connected: two sweeps from chip 0, one along links and one against them.
[[nodiscard]] std::optional<ChipPair> unreachable_pair(const Fabric& fabric);

}  // namespace orrery
