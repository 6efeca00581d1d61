// Which ranks a trace shows: a list, all of them, or what suits the size of the job.
#pragma once

#include <string_view>
#include <vector>

#include "sim/kernel/program.h"

namespace orrery {

// Up to this many ranks `auto` shows all of them.
inline constexpr std::size_t kFewRanks = 16;

// `wanted` is `auto` (all when few, else the first rank of each role), `all`, or a list such as `0,8,64-71`. In order
// and without repeats. InputError when it is none of these or names a rank that isn't there.
[[nodiscard]] std::vector<RankId> traced_ranks(std::string_view wanted, const Program& program);

}  // namespace orrery
