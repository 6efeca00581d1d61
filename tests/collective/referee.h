// A referee that plays a Schedule symbolically: who holds whose contribution to which piece. It knows the rules of
// moving data, not the algorithms' code.
#pragma once

#include <string>

#include "sim/collective/schedule.h"

namespace orrery {

// Empty when the schedule delivers what the collective promises; else what went wrong.
//
// Relayed schedules (ring): transfers come in lanes, one after the other; a lane has an edge out of each position (all
// but one for a broadcast), listed along the way. A position sends its own piece first, then always what came in last
// on that lane (a broadcast: chunk after chunk).
std::string referee_relayed(CollectiveKind kind, std::size_t positions, const Schedule& schedule);

// Direct schedules: a message from p to q carries p's contribution to piece q where it reduces, p's own finished piece
// where it doesn't (all-to-all: p's block for q; broadcast and send/recv: everything p has).
std::string referee_direct(CollectiveKind kind, std::size_t positions, const Schedule& schedule);

}  // namespace orrery
