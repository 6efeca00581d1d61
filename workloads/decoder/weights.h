// How many weights a rank holds, by what the tensor group does with them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "workloads/decoder/shapes.h"
#include "workloads/optimizers/weight_shape.h"

namespace orrery::decoder {

struct Chunk;

struct Weights {
  std::int64_t split = 0;       // each tensor rank has a share of its own
  std::int64_t products = 0;    // of those and of experts: of layers' linear parts, which FP8 products read
  std::int64_t replicated = 0;  // norms, biases after a sum, learned positions: the same on every tensor rank
  std::int64_t experts = 0;     // of the experts dealt out to this rank: held by fewer replicas than the rest

  [[nodiscard]] std::int64_t shared() const { return split + replicated; }  // held by all replicas
  [[nodiscard]] std::int64_t all() const { return shared() + experts; }
  [[nodiscard]] Weights only_experts() const;  // and of the rest:
  [[nodiscard]] Weights without_experts() const;
  Weights& operator+=(const Weights& other);
};

// `layer`: its sub-layers' symbols.
[[nodiscard]] Weights layer_weights(const Shapes& shapes, std::string_view layer);
// As ranks keep them: fp8 where the stack does so, frozen ones in nf4 where the plan does, else in its compute
// precision.
[[nodiscard]] Bytes stored_bytes(const Shapes& shapes, const Weights& weights);
// As ranks gather them: so, or as the stack says of the wire.
[[nodiscard]] Bytes gathered_bytes(const Shapes& shapes, const Weights& weights);
// What FP8 products read besides: a copy and its transpose, or the transpose of what is stored in fp8.
[[nodiscard]] Bytes cast_bytes(const Shapes& shapes, const Weights& weights);
// Of the embedding and the head that a chunk holds. A weight that embedding and head share on this rank counts once.
[[nodiscard]] Weights end_weights(const Shapes& shapes, const Chunk& chunk);
// Whether a chunk that looks further tokens up holds a table of its own for it.
[[nodiscard]] bool copies_table(const Shapes& shapes, const Chunk& chunk);
// Of those, of its layers, and of those that predict further tokens.
[[nodiscard]] Weights chunk_weights(const Shapes& shapes, const Chunk& chunk);
// Of adapters beside a layer's linear parts (adapters.h), and beside all of a chunk's.
[[nodiscard]] Weights layer_adapters(const Shapes& shapes, std::string_view layer);
[[nodiscard]] Weights chunk_adapters(const Shapes& shapes, const Chunk& chunk);
// What a step changes: a chunk's adapters, where there are some, or all of its weights; and these one by one.
[[nodiscard]] Weights trained_weights(const Shapes& shapes, const Chunk& chunk);
[[nodiscard]] std::vector<WeightShape> trained_weight_shapes(const Shapes& shapes, const Chunk& chunk);
// The same weights one by one, as the rank holds them: queries, keys and values as one matrix, and so the two halves of
// a gated MLP's first. What is no linear layer's counts as vectors as wide as the residual stream.
[[nodiscard]] std::vector<WeightShape> chunk_weight_shapes(const Shapes& shapes, const Chunk& chunk);

}  // namespace orrery::decoder
