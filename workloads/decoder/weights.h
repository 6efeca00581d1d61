// How many weights a rank holds, by what the tensor group does with them.
#pragma once

#include <cstdint>

#include "workloads/decoder/chunk.h"
#include "workloads/decoder/shapes.h"

namespace orrery::decoder {

struct Weights {
  std::int64_t split = 0;       // each tensor rank has a share of its own
  std::int64_t products = 0;    // of those: of layers' linear parts, which FP8 products read
  std::int64_t replicated = 0;  // norms, biases after a sum, learned positions: the same on every tensor rank

  [[nodiscard]] std::int64_t all() const { return split + replicated; }
  Weights& operator+=(const Weights& other);
};

[[nodiscard]] Weights layer_weights(const Shapes& shapes);
// As ranks keep and gather them: fp8 where the stack does so, else in its compute precision.
[[nodiscard]] Bytes stored_bytes(const Shapes& shapes, const Weights& weights);
// What FP8 products read besides: a copy and its transpose, or the transpose of what is stored in fp8.
[[nodiscard]] Bytes cast_bytes(const Shapes& shapes, const Weights& weights);
// A weight that embedding and head share on this rank counts once.
[[nodiscard]] Weights chunk_weights(const Shapes& shapes, const Chunk& chunk);

}  // namespace orrery::decoder
