// Which share of an excerpt each resource stands in.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "sim/kernel/engine.h"
#include "sim/network/resources.h"

namespace orrery::kernel {

inline constexpr std::uint32_t kNoShare = std::numeric_limits<std::uint32_t>::max();

// By resource. A switch stands in the share of the chips nearest to it; one to which chips of several shares are as
// near stands in none, as does a chip without a rank. A link stands where either of its ends does.
[[nodiscard]] std::vector<std::uint32_t> shares_of_resources(const Job& job, const Resources& resources);

}  // namespace orrery::kernel
