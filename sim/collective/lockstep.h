// How long a step takes alone when each of its repeats waits for the one before: what filling a pipe costs.
#pragma once

#include "sim/collective/placed.h"

namespace orrery {

// The sum over the repeats of the longest use ÷ capacity in that repeat, in seconds, without latencies. Never less than
// the longest use ÷ capacity of the whole step, and equal to it where one resource is the busiest of every repeat; a
// pipelined chain of n members takes n − 2 repeats more. A member's ceiling counts as a resource, as do that of the
// largest message and its host's work for messages between nodes; resources without capacity don't. Where a transfer
// between nodes has more messages than slots (CommunicationCosts), its later ones come no faster than slots become
// free: one in a slots-th of two latencies and a message's own time under its ceiling.
[[nodiscard]] double lockstep_seconds(const Placed& placed, const Step& step);

}  // namespace orrery
