// What stands between an MLP's products: GELU, or a gate times its other half.
#pragma once

#include "workloads/decoder/shapes.h"
#include "workloads/step/tape.h"

namespace orrery::decoder {

// Over rows of `width` columns each, made of as many or, gated, twice as many. `biases`: those of the product before
// are added here.
void activate(const Shapes& shapes, std::int64_t rows, std::int64_t width, bool biases, step::TapeWriter& tape);
void activate_backward(const Shapes& shapes, std::int64_t rows, std::int64_t width, bool biases,
                       step::TapeWriter& tape);

}  // namespace orrery::decoder
