// A GOAL schedule → the Program of its ranks.
//
// Each CPU and each NIC of a rank does one thing at a time: of those that could start, the one that could start first,
// by lengths as they stand and a microsecond for a message. (LogGOPSim decides that as it goes, with its own overheads;
// here the order is told beforehand, and lengths of messages are the fabric's.) A receive stands open from the start;
// what requires it waits for it and for whatever it required itself. A send is over when the receiver has it.
#pragma once

#include "sim/kernel/program.h"
#include "workloads/goal/goal_text.h"

namespace orrery::goal {

// Ranks that do the same but for whom they do it with share a role. RunError where ops of a rank require each other in
// a circle: names one. What only shows when ranks meet (a receive without a send) is for the run to find.
[[nodiscard]] Program program_of(const Schedule& schedule);

}  // namespace orrery::goal
