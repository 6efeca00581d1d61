// The residual stream: norms that read it, and the bias + dropout + add by which a sub-layer joins it.
#pragma once

#include "workloads/decoder/shapes.h"
#include "workloads/step/tape.h"

namespace orrery::decoder {

// All of these run on `shapes.shard` rows: the whole microbatch, or a tensor rank's share under sequence parallelism.
[[nodiscard]] std::int64_t norm_weights(const Shapes& shapes);  // replicated over the tensor group
// `written`: bytes of an element of the result, one where FP8 products read it.
void norm_forward(const Shapes& shapes, std::int64_t written, step::TapeWriter& tape);
void norm_forward(const Shapes& shapes, const Format& written, step::TapeWriter& tape);
// `joins`: the residual's own gradient is added to that of the norm's input.
void norm_backward(const Shapes& shapes, bool joins, step::TapeWriter& tape);

void join_forward(const Shapes& shapes, step::TapeWriter& tape);
void join_backward(const Shapes& shapes, step::TapeWriter& tape);

}  // namespace orrery::decoder
