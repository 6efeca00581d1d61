// The optimizer's step on the host, beside the copies of what it reads and makes.
#pragma once

#include "workloads/step/update.h"

namespace orrery::step {

// Gradients of this rank's weights go to the host, which streams them, its state and master weights through its
// processor, and sends new weights back; piece by piece, so that all three go on side by side. As slow as the slowest:
// the link each way, or the host's memory, of which an update reads gradient, state and master and writes the last two
// and the weights. What runs on the tape from here on waits for the weights. The pieces that pass through the host's
// memory, a few of eight, aren't counted there.
//
// Source: Ren et al. 2021 (ZeRO-Offload, arXiv 2101.06840), sections 4 and 5.
void update_on_host(TapeWriter& tape, const UpdatePlan& plan, const Stack& stack, const Host& host, Bytes updated);

}  // namespace orrery::step
