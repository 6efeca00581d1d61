// In which order the ops of a GOAL schedule start, with a microsecond for every message.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/goal/goal_text.h"

namespace orrery::goal {

// By rank: ops in order of the time from which they can start; of several, the first in the file. Ranks are played
// together, as what a rank can start hangs on what it has received. A receive that nobody sends for is taken to be over
// when nothing else is left. RunError where ops of a rank require each other in a circle: names one.
[[nodiscard]] std::vector<std::vector<std::uint32_t>> starts_of(const Schedule& schedule);

}  // namespace orrery::goal
