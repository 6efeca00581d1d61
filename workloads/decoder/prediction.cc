// Writes what joins a further token's embedding to the residual stream.
#include "workloads/decoder/prediction.h"

#include "workloads/decoder/embedding.h"
#include "workloads/decoder/linear.h"
#include "workloads/decoder/residual.h"

namespace orrery::decoder {

using step::TapeWriter;

Linear joining_linear(const Shapes& shapes) {
  return {
      .name = "join next token", .in = 2 * shapes.hidden, .out = shapes.hidden, .rows = shapes.shard, .exact = true};
}

std::string_view predicting_layer(const Shapes& shapes) { return shapes.model.layer(shapes.model.layers - 1); }

void join_next_token_forward(const Shapes& shapes, TapeWriter& tape) {
  embedding_forward(shapes, tape);
  tape.part("next token");
  norm_forward(shapes, shapes.element, tape);
  norm_forward(shapes, shapes.element, tape);
  local_forward(shapes, joining_linear(shapes), tape);
}

void join_next_token_backward(const Shapes& shapes, bool final, TapeWriter& tape) {
  tape.part("next token");
  local_backward(shapes, joining_linear(shapes), tape);
  norm_backward(shapes, true, tape);
  norm_backward(shapes, false, tape);
  embedding_backward(shapes, tape, final);
}

Weights prediction_weights(const Shapes& shapes) {
  Weights weights = layer_weights(shapes, predicting_layer(shapes));
  weights.replicated += 2 * shapes.hidden * shapes.hidden + 3 * norm_weights(shapes);
  return weights;
}

}  // namespace orrery::decoder
