// What stands beside a frozen linear layer: a product of two narrow ones, and how gradients of weights are kept.
#pragma once

#include "workloads/compute/kernel.h"
#include "workloads/decoder/linear.h"

namespace orrery::decoder {

// Rows of a linear layer's input.
[[nodiscard]] inline std::int64_t rows_of(const Shapes& shapes, const Linear& linear) {
  return linear.rows > 0 ? linear.rows : shapes.tokens;
}

// A product that makes the gradient of `weights` weights, added to what earlier microbatches left: in the product
// itself or in a pass of its own.
void accumulate(const Shapes& shapes, Kernel kernel, std::int64_t weights, step::TapeWriter& tape);

// Beside the frozen product, whose result it adds to. Nothing where the layer has no adapter.
void adapt(const Shapes& shapes, const Linear& linear, step::TapeWriter& tape);
// Adds to x's gradient.
void adapt_backward(const Shapes& shapes, const Linear& linear, step::TapeWriter& tape);

}  // namespace orrery::decoder
