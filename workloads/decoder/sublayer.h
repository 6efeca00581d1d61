// Kinds of sub-layers, one file each: what a layer of a model is made of.
//
// A sub-layer reads the residual stream through a norm of its own and joins its output to it.
#pragma once

#include <string_view>
#include <vector>

#include "sim/base/registry.h"
#include "workloads/decoder/linear.h"
#include "workloads/decoder/shapes.h"
#include "workloads/decoder/weights.h"
#include "workloads/step/tape.h"

namespace orrery::decoder {

struct SubLayer {
  std::string_view name;
  std::string_view sentence;
  char symbol;                        // in a model's pattern of layers
  Weights (*weights)(const Shapes&);  // of a rank, its norm included
  void (*forward)(const Shapes&, step::TapeWriter&);
  // Selective recomputation, if the kind has something to form again, first runs that.
  void (*backward)(const Shapes&, step::TapeWriter&);
  // Kept from a microbatch's forward pass for its backward pass, the sub-layer's input included; and what of it
  // selective recomputation gives back.
  Bytes (*kept)(const Shapes&);
  Bytes (*formed_again)(const Shapes&);
  Bytes (*buffers)(const Shapes&);  // what comes and goes within a pass: its widest gradients, what exchanges hold
  // Its linear layers; nullptr: none that anybody should know of. The second half of a split backward pass makes the
  // gradients of their weights, and optimizers see these as matrices.
  std::vector<Linear> (*linears)(const Shapes&) = nullptr;
  // Inference: what the engine's sequences leave in it once they are so many tokens long; nullptr: nothing.
  Bytes (*cached)(const Shapes&, std::int64_t tokens) = nullptr;
};
using SubLayers = Registry<SubLayer>;

// The kind with that symbol, which must be one of them (layer_pattern.h).
[[nodiscard]] const SubLayer& sublayer(char symbol);

// The residual stream that a layer of these sub-layers works on: an encoder's is another.
[[nodiscard]] const Shapes& stream_of(const Shapes& shapes, std::string_view layer);

// Of all sub-layers of a layer.
[[nodiscard]] std::vector<Linear> layer_linears(const Shapes& shapes, std::string_view layer);

// Of every kind: its norm's input, that of `first`, the product after it, and the mask of its output's dropout.
[[nodiscard]] Bytes kept_at_ends(const Shapes& shapes, const Linear& first);
// What recomputation of norms gives back of that, and what it takes before that product's backward pass.
[[nodiscard]] Bytes norm_formed_again(const Shapes& shapes, const Linear& first);
void norm_again(const Shapes& shapes, const Linear& first, step::TapeWriter& tape);
[[nodiscard]] inline Bytes nothing(const Shapes&) { return Bytes(0); }

}  // namespace orrery::decoder
