// Into how large chunks a library cuts what it sends along trees: small ones fill the pipeline soon, large ones keep it
// from stopping for each.
//
// The rules are NCCL's (calcCollChunking, src/enqueue.cc). Each starts from a slot of its protocol's buffer, and makes
// it smaller as long as a channel would have too few to keep its tree busy. A tree over m nodes of g members:
//
//     tree_LL      32 KiB: 8 lines of 8 bytes for each of 512 threads
//     tree_LL128   576,000 bytes: 15 of 16 words, 120 for each of 640 threads; has 1 + log₂ m + g/10 steps: halved down
//                  to 72,000 under 64/g slots a step, and to 18,000 under 16/g
//     tree_Simple  512 KiB, an eighth of NCCL_BUFFSIZE; has g − 1 + log₂ m levels: halved down to 128 KiB under 8 slots
//                  a level, to 64 KiB under 4 and to 32 KiB under one
//     nvls_tree    NCCL_NVLS_CHUNKSIZE, 128 KiB, from four nodes on 64 KiB, for each channel and head: 256 KiB instead
//                  where the vector has under 32 of all these together, 128 under 16, 64 under 4, 32 under one
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/units.h"

namespace orrery {

enum class Cutting : std::uint8_t { kTreeLL, kTreeLL128, kTreeSimple, kNvlsTree };
[[nodiscard]] std::vector<std::string> cutting_names();  // "tree_LL", …, in the order of the enumeration

// A collective of so many bytes among so many members, at least `heads` of them on each node.
struct Spread {
  Bytes bytes;
  std::size_t members = 1;
  std::size_t nodes = 1;
  std::size_t heads = 1;
};
inline constexpr std::int32_t kBufferSlots = 8;  // NCCL_STEPS: so many chunks of a channel are under way

// What a library or a network's plugin may set.
struct Buffers {
  Bytes buffer{};      // NCCL_BUFFSIZE; 0: NCCL's own
  Bytes nvls_chunk{};  // NCCL_NVLS_CHUNKSIZE, on any number of nodes; 0: NCCL's own
  int nvls_channels = 16;
};

// What one tree of a schedule sends at once: of nvls_tree, whose trees are a head's, all channels together.
[[nodiscard]] Bytes chunk_of(Cutting cutting, const Spread& collective, const Buffers& buffers = {});
// A channel is opened for each 4 KiB (LL), 5 KiB (LL128) or 32 KiB (Simple) of the vector, one at least: of a tree's
// channels so many are in use (NCCL src/enqueue.cc, the thresholds of a thread). 1 of nvls_tree.
[[nodiscard]] double open_share(Cutting cutting, const Spread& collective);
// Whether the algorithm of this name goes along trees that are cut so.
[[nodiscard]] bool cuts(Cutting cutting, std::string_view algorithm);

}  // namespace orrery
