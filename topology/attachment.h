// Where chips hang on the network, and the order of chips that follows from it: what spreads routes.
#pragma once

#include <cstdint>

#include "topology/fabric.h"

namespace orrery {

// The outermost switch that each chip hangs on by itself or by its first NIC (of the highest tier, then of the lowest
// id); its own engine if there is none.
[[nodiscard]] Table<ChipId, VertexId> attachments(const Fabric& fabric);

// The number that spreads destinations: chips in order of their attachments.
[[nodiscard]] Table<ChipId, std::uint32_t> spreading_order(const Fabric& fabric);

}  // namespace orrery
