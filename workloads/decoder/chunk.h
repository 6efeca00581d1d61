// A chunk of a model: some of its layers, with the embedding before or the head after them.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "workloads/decoder/shapes.h"
#include "workloads/step/tape.h"

namespace orrery::decoder {

struct Chunk {
  std::vector<std::string_view> layers;  // each layer's sub-layers, in the model's pattern; none: the ends alone
  bool embeds = false;                   // the model's first chunk
  bool ends = false;                     // its last
  bool shares_weight = false;            // both embedding and head with one weight, on this rank

  friend auto operator<=>(const Chunk&, const Chunk&) = default;
};

// Chunk `index` of a stage.
[[nodiscard]] Chunk chunk_of(const Shapes& shapes, const Plan& plan, std::int64_t stage, std::int64_t index);

// What a pass gathers of its weights, beside it.
enum class Gathers : std::uint8_t {
  kNone,   // the weights are there
  kAhead,  // ZeRO 3: each unit just before it runs, beside the unit before it, and dropped after it
  kOnce,   // ZeRO 1 and 2, once a step: they have been begun before this pass, which begins the next chunk's
};

// A unit of weights that are gathered together.
struct WeightUnit {
  Bytes shared;   // over all replicas
  Bytes experts;  // over those that hold the same experts
  Bytes held;     // both, as they are held
  // Where they travel in another format: of what travels, this rank's share that it packs, and all that it unpacks.
  struct Repacked {
    Bytes held;
    Bytes sent;
    friend auto operator<=>(const Repacked&, const Repacked&) = default;
  };
  Repacked own;
  Repacked all;

  friend auto operator<=>(const WeightUnit&, const WeightUnit&) = default;
};

// `following`: the next chunk's units of weights (kOnce; gathering.h).
[[nodiscard]] step::Tape forward(const Shapes& shapes, const Chunk& chunk, Gathers gathers,
                                 const std::vector<WeightUnit>& following, step::Draft& draft);
// Inference: new tokens through the whole model, to the next token of each sequence.
[[nodiscard]] step::Tape infer(const Shapes& shapes, const Chunk& chunk, step::Draft& draft);
// Backward through the chunk, layers recomputed first as the plan says. `buckets`: gradients are reduced as the pass
// goes, since they become final in it or nobody keeps them whole. `gathers`: kNone or kAhead; with the latter, each
// layer's gradients are a bucket. `gradients`: of a split pass, one half of it.
[[nodiscard]] step::Tape backward(const Shapes& shapes, const Chunk& chunk, Gathers gathers,
                                  std::optional<step::Buckets> buckets, step::Gradients gradients, step::Draft& draft);

}  // namespace orrery::decoder
