// The way of a microbatch through a pipeline: which stage holds the chunks before and after one of its own.
#pragma once

#include <cstdint>

namespace orrery {

// With p stages of v chunks each, chunk c of stage i is, counted from 0 along the model,
enum class Way : std::uint8_t {
  kRound,     // the (c·p + i)-th of p·v: from the last stage back to the first
  kVee,       // v = 2: the i-th of 2p, or the (2p − 1 − i)-th: from the first stage to the last and back
  kBothWays,  // v = 2, of two copies of the model: the min(i, p − 1 − i)-th of p in one, in the other the one as far
              // from the end. One copy runs from the first stage to the last, the other from the last to the first
};

struct ChunkPlace {
  std::int64_t position = 0;
  std::int64_t count = 1;    // of positions
  std::int32_t copy = 0;     // of the model: 0, or of both ways also 1, which runs from the last stage to the first
  std::int32_t ahead = 1;    // stages on to the chunk after it, modulo their number; 0: it stands on the same stage
  std::int32_t behind = -1;  // and to the chunk before it
  [[nodiscard]] bool first() const { return position == 0; }
  [[nodiscard]] bool last() const { return position == count - 1; }
};

[[nodiscard]] ChunkPlace chunk_place(Way way, std::int64_t stage, std::int64_t stages, std::int64_t chunk,
                                     std::int64_t chunks);

}  // namespace orrery
