// The attention sub-layer: norm, projections split over heads, core, and its join with the residual stream.
#pragma once

#include "workloads/decoder/shapes.h"
#include "workloads/step/tape.h"

namespace orrery::decoder {

void attention_forward(const Shapes& shapes, step::TapeWriter& tape);
// With selective recomputation the core runs forward again first.
void attention_backward(const Shapes& shapes, step::TapeWriter& tape);

}  // namespace orrery::decoder
