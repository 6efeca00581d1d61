// A chunk of a model: some of its layers, with the embedding before or the head after them.
#pragma once

#include <optional>

#include "workloads/decoder/shapes.h"
#include "workloads/step/tape.h"

namespace orrery::decoder {

struct Chunk {
  std::int64_t layers = 0;     // none: the embedding or the head alone
  bool embeds = false;         // the model's first chunk
  bool ends = false;           // its last
  bool shares_weight = false;  // both embedding and head with one weight, on this rank

  friend bool operator==(const Chunk&, const Chunk&) = default;
};

// Chunk `index` of a stage.
[[nodiscard]] Chunk chunk_of(const Shapes& shapes, const Plan& plan, std::int64_t stage, std::int64_t index);

[[nodiscard]] step::Tape forward(const Shapes& shapes, const Chunk& chunk, step::Draft& draft);
// Backward through the chunk, layers recomputed first as the plan says. `buckets`: gradients become final in this pass
// and are reduced as it goes.
[[nodiscard]] step::Tape backward(const Shapes& shapes, const Chunk& chunk, std::optional<step::Buckets> buckets,
                                  step::Draft& draft);

}  // namespace orrery::decoder
