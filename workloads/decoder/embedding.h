// The input embedding: rows of a table split over the tensor group, positions, dropout; and its gradient.
#pragma once

#include "workloads/decoder/shapes.h"
#include "workloads/step/tape.h"

namespace orrery::decoder {

void embedding_forward(const Shapes& shapes, step::TapeWriter& tape);
// `final`: of the step; false where another lookup in the table still comes.
void embedding_backward(const Shapes& shapes, step::TapeWriter& tape, bool final = true);

}  // namespace orrery::decoder
