// A chunk of a model: some of its layers, with the embedding before or the head after them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

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

// What a pass gathers of its weights, beside it.
enum class Gathers : std::uint8_t {
  kNone,   // the weights are there
  kAhead,  // ZeRO 3: each unit just before it runs, beside the unit before it, and dropped after it
  kOnce,   // ZeRO 1 and 2, once a step: they have been begun before this pass, which begins the next chunk's
};

// `following`: bytes of the next chunk's units of weights (kOnce; gathering.h).
[[nodiscard]] step::Tape forward(const Shapes& shapes, const Chunk& chunk, Gathers gathers,
                                 const std::vector<Bytes>& following, step::Draft& draft);
// Backward through the chunk, layers recomputed first as the plan says. `buckets`: gradients are reduced as the pass
// goes, since they become final in it or nobody keeps them whole. `gathers`: kNone or kAhead; with the latter, each
// layer's gradients are a bucket.
[[nodiscard]] step::Tape backward(const Shapes& shapes, const Chunk& chunk, Gathers gathers,
                                  std::optional<step::Buckets> buckets, step::Draft& draft);

}  // namespace orrery::decoder
