// Steps along rings: all members to their neighbours at once, or one after the other down a chain.
#pragma once

#include <vector>

#include "sim/collective/schedule.h"

namespace orrery {

// A ring holds every position once and closes from its last to its first. Several share the vector equally.
using Rings = std::vector<std::vector<std::int32_t>>;

// For all-reduce, reduce-scatter and all-gather. A ring of n cuts its part in n pieces. To gather, the member at place
// i sends piece i − r (mod n) in repeat r = 0 … n − 2, to reduce piece i − 1 − r: in the end place i has the sum of
// piece i. Reducing, then gathering, is one step of 2(n − 1) repeats: reduced pieces go on round.
[[nodiscard]] Schedule round_trip(CollectiveKind kind, const Rings& rings, Bytes bytes);

// For broadcast and reduce: each ring is cut open at position 0 and its part goes down the chain in chunks of about 512
// KiB (`chunks_of`), from the root or to it.
[[nodiscard]] Schedule chain(CollectiveKind kind, const Rings& rings, Bytes bytes);

// Into how many chunks a pipelined message is cut: of about 512 KiB, the slot size of NCCL's default buffers
// (NCCL_BUFFSIZE 4 MiB in 8 slots); at most 1,024, larger messages have larger chunks.
inline constexpr Bytes kChunk{512 << 10};
[[nodiscard]] std::int32_t chunks_of(Bytes bytes, Bytes chunk = kChunk);

// bytes ÷ pieces, rounded up.
[[nodiscard]] Bytes piece_of(Bytes bytes, std::int64_t pieces);

}  // namespace orrery
