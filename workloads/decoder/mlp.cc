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
  Linear linear{.name = "mlp in", .in = shapes.hidden, .out = shapes.ffn_in, .fp8 = shapes.stack.fp8_products};
  if (shapes.adapters.mlp_in) linear.adapter = {.count = shapes.model.columns_in(1), .out = shapes.ffn_in};
  return linear;
}
Linear narrow(const Shapes& shapes) {  // its bias belongs to the join
  Linear linear{.name = "mlp out", .in = shapes.ffn, .out = shapes.hidden, .fp8 = shapes.stack.fp8_products};
  if (shapes.adapters.mlp_out) linear.adapter = {.count = 1, .out = shapes.hidden, .by_rows = true};
  return linear;
}

void widen_and_narrow(const Shapes& shapes, TapeWriter& tape) {
  norm_forward(shapes, shapes.product_element, tape);
  column_forward(shapes, widen(shapes), tape);
  activate(shapes, shapes.tokens, shapes.ffn, shapes.model.biases, tape);
  row_forward(shapes, narrow(shapes), tape);
}

void mlp_forward(const Shapes& shapes, TapeWriter& tape) {
  tape.part("mlp");
  widen_and_narrow(shapes, tape);
  join_forward(shapes, tape);
}

// As a checkpoint does: the last product too, which nothing reads.
void mlp_again(const Shapes& shapes, TapeWriter& tape) {
  if (!shapes.again.mlp) return;
  tape.phase(Phase::kRecompute);
  widen_and_narrow(shapes, tape);
  tape.phase(Phase::kBackward);
}

void mlp_activation_again(const Shapes& shapes, TapeWriter& tape) {
  if (!shapes.again.mlp_activation || shapes.again.mlp || !reads_input(shapes, narrow(shapes))) return;
  tape.phase(Phase::kRecompute);
  activate(shapes, shapes.tokens, shapes.ffn, shapes.model.biases, tape);
  tape.phase(Phase::kBackward);
}

void mlp_backward(const Shapes& shapes, TapeWriter& tape) {
  tape.part("mlp");
  join_backward(shapes, tape);
  mlp_again(shapes, tape);
  mlp_activation_again(shapes, tape);
  row_backward(shapes, narrow(shapes), tape);
  activate_backward(shapes, shapes.tokens, shapes.ffn, shapes.model.biases, tape);
  if (!shapes.again.mlp) norm_again(shapes, widen(shapes), tape);
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
  return kept_at_ends(shapes, widen(shapes)) + shapes.bytes(shapes.tokens * shapes.ffn_in) +
         kept_input(shapes, narrow(shapes));
}

Bytes mlp_formed_again(const Shapes& shapes) {
  if (shapes.again.mlp) {
    const std::int64_t stream = shapes.shard * shapes.hidden;
    return mlp_kept(shapes) - shapes.bytes(stream) - Bytes(shapes.model.dropout ? stream : 0);
  }
  Bytes bytes = norm_formed_again(shapes, widen(shapes));
  if (shapes.again.mlp_activation) bytes += kept_input(shapes, narrow(shapes)) - adapter_kept(shapes, narrow(shapes));
  return bytes;
}

Bytes mlp_buffers(const Shapes& shapes) { return shapes.bytes(2 * shapes.tokens * shapes.ffn_in); }

std::vector<Linear> mlp_linears(const Shapes& shapes) { return {widen(shapes), narrow(shapes)}; }

const SubLayers::Entry kMlp{{"mlp", "norm, a product to a wider row, an activation, a product back", kMlpSymbol,
                             &mlp_weights, &mlp_forward, &mlp_backward, &mlp_kept, &mlp_formed_again, &mlp_buffers,
                             &mlp_linears}};

}  // namespace
}  // namespace orrery::decoder
