// Whether the chips of a node are joined each to each: what rings need that use all of their cables.
#pragma once

#include <span>

#include "topology/fabric.h"

namespace orrery {

// Whether every two of these chips that stand in one node have a cable of their own. True where no two do.
[[nodiscard]] bool are_cliques(const Fabric& fabric, std::span<const ChipId> chips);

}  // namespace orrery
