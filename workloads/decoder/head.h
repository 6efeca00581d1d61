// The end of the model: last norm, logits split over the vocabulary, and the loss; forward and backward.
#pragma once

#include "workloads/decoder/shapes.h"
#include "workloads/step/tape.h"

namespace orrery::decoder {

// `shares_weight`: the logits' weight is the input embedding on this very rank, whose gradient becomes final there.
void head_forward(const Shapes& shapes, bool shares_weight, step::TapeWriter& tape);
void head_backward(const Shapes& shapes, bool shares_weight, step::TapeWriter& tape);

// Inference: logits of the last token of each sequence, and the next token out of them.
void next_token(const Shapes& shapes, step::TapeWriter& tape);

// Of them, the loss: cross entropy of `shapes.tokens` rows of logits.
void cross_entropy_forward(const Shapes& shapes, step::TapeWriter& tape);
void cross_entropy_backward(const Shapes& shapes, step::TapeWriter& tape);

}  // namespace orrery::decoder
