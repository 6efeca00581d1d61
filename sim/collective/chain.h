// How long the longest chain of a step's messages takes if bytes took no time: each waits for the one before it.
#pragma once

#include <span>

#include "sim/collective/schedule.h"

namespace orrery {

// `latency[t]` is that of each message of transfer t; members are 0 … members−1. A message starts when what its sender
// received on the channel that it awaits in the repeat before has arrived; that its own predecessor on the transfer has
// left costs no latency, for it leaves before it arrives.
//
// The law: D(p) is when position p has all that it got so far; repeat r sets D(to) to the largest D(from) + latency of
// the transfers active in r. On a channel in which every position sends to one other and receives from one other, the
// same throughout, that is the heaviest stretch of `repeats` hops round the ring: O(transfers). Else O(messages), and
// less where repeats stop changing anything (a pipelined tree, once its first chunk is through).
[[nodiscard]] Duration longest_chain(const Step& step, std::span<const Duration> latency, std::size_t members);

}  // namespace orrery
