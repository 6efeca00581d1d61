// One collective alone on a network, from its launch to its last byte: what tests and measurements ask first.
#pragma once

#include <span>

#include "sim/collective/lower.h"

namespace orrery {

// Both start at the network's time 0, on a network on which nothing has happened yet, and return when the last activity
// is done. RunError when it stands still (a link without capacity).
[[nodiscard]] Duration play_fluid(std::span<const FluidPhase> phases, Network& network);
[[nodiscard]] Duration play_stepwise(const StepwiseMessages& messages, Network& network);

}  // namespace orrery
