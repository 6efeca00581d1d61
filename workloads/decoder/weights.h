// How many weights a rank holds, by what the tensor group does with them.
#pragma once

#include <cstdint>

#include "workloads/decoder/chunk.h"
#include "workloads/decoder/shapes.h"

namespace orrery::decoder {

struct Weights {
  std::int64_t split = 0;       // each tensor rank has a share of its own
  std::int64_t replicated = 0;  // norms, biases after a sum, learned positions: the same on every tensor rank

  [[nodiscard]] std::int64_t all() const { return split + replicated; }
  Weights& operator+=(const Weights& other);
};

[[nodiscard]] Weights layer_weights(const Shapes& shapes);
// A weight that embedding and head share on this rank counts once.
[[nodiscard]] Weights chunk_weights(const Shapes& shapes, const Chunk& chunk);

}  // namespace orrery::decoder
