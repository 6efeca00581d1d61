// The MLP sub-layer: norm, two products with an activation between them, and its join with the residual stream.
//
// The first product's bias is added with the activation.
#include "workloads/decoder/activation_function.h"
#include "workloads/decoder/linear.h"
#include "workloads/decoder/residual.h"
#include "workloads/decoder/sublayer.h"

namespace orrery::decoder {
namespace {

using step::TapeWriter;

Linear widen(const Shapes& shapes) {
  return {.name = "mlp in", .in = shapes.hidden, .out = shapes.ffn_in, .fp8 = shapes.stack.fp8_products};
}
Linear narrow(const Shapes& shapes) {  // its bias belongs to the join
  return {.name = "mlp out", .in = shapes.ffn, .out = shapes.hidden, .fp8 = shapes.stack.fp8_products};
}

void mlp_forward(const Shapes& shapes, TapeWriter& tape) {
  tape.part("mlp");
  norm_forward(shapes, shapes.product_element, tape);
  column_forward(shapes, widen(shapes), tape);
  activate(shapes, shapes.tokens, shapes.ffn, shapes.model.biases, tape);
  row_forward(shapes, narrow(shapes), tape);
  join_forward(shapes, tape);
}

void mlp_backward(const Shapes& shapes, TapeWriter& tape) {
  tape.part("mlp");
  join_backward(shapes, tape);
  row_backward(shapes, narrow(shapes), tape);
  activate_backward(shapes, shapes.tokens, shapes.ffn, shapes.model.biases, tape);
  column_backward(shapes, widen(shapes), tape);
  norm_backward(shapes, true, tape);
}

Weights mlp_weights(const Shapes& shapes) {
  const std::int64_t bias = shapes.model.biases ? 1 : 0;
  Weights weights;
  weights.products = shapes.hidden * (shapes.ffn_in + shapes.ffn);
  weights.split = weights.products + bias * shapes.ffn_in;
  weights.replicated = norm_weights(shapes) + bias * shapes.hidden;
  return weights;
}

// Before the activation and after it.
Bytes mlp_kept(const Shapes& shapes) {
  return kept_at_ends(shapes) + shapes.bytes(shapes.tokens * shapes.ffn_in) +
         Bytes(shapes.tokens * shapes.ffn * shapes.product_element);
}

Bytes mlp_buffers(const Shapes& shapes) { return shapes.bytes(2 * shapes.tokens * shapes.ffn_in); }

std::vector<Linear> mlp_linears(const Shapes& shapes) { return {widen(shapes), narrow(shapes)}; }

const SubLayers::Entry kMlp{{"mlp", "norm, a product to a wider row, an activation, a product back", kMlpSymbol,
                             &mlp_weights, &mlp_forward, &mlp_backward, &mlp_kept, &nothing, &mlp_buffers,
                             &mlp_linears}};

}  // namespace
}  // namespace orrery::decoder
