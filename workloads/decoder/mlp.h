// The MLP sub-layer: norm, two products with an activation between them, and its join with the residual stream.
#pragma once

#include "workloads/decoder/shapes.h"
#include "workloads/step/tape.h"

namespace orrery::decoder {

void mlp_forward(const Shapes& shapes, step::TapeWriter& tape);
void mlp_backward(const Shapes& shapes, step::TapeWriter& tape);

}  // namespace orrery::decoder
