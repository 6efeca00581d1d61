// Multi-token prediction: after the last layer, a layer for each further token, which meets the token before it.
//
// Law. The residual stream and the embedding of the next token are normalised, joined to rows of 2h, brought back to h
// by a product, and go through one more layer of the model's last kind; the model's own head makes logits of the
// result. The product runs on a rank's own rows, with a weight that all tensor ranks hold.
//
// Source: DeepSeek-AI 2024 (arXiv 2412.19437), section 2.2.
#pragma once

#include <string_view>

#include "workloads/decoder/linear.h"
#include "workloads/decoder/shapes.h"
#include "workloads/decoder/weights.h"
#include "workloads/step/tape.h"

namespace orrery::decoder {

// The predicting layer's sub-layers.
[[nodiscard]] std::string_view predicting_layer(const Shapes& shapes);
void join_next_token_forward(const Shapes& shapes, step::TapeWriter& tape);
// `final`: the table that its token is looked up in isn't used on this rank again (a copy, where another stage embeds).
void join_next_token_backward(const Shapes& shapes, bool final, step::TapeWriter& tape);
// The product that brings the two joined rows back to one.
[[nodiscard]] Linear joining_linear(const Shapes& shapes);
// Of the layer, the product and the norms; the embedding and the head are the model's.
[[nodiscard]] Weights prediction_weights(const Shapes& shapes);

}  // namespace orrery::decoder
