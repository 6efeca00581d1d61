// Writes the MLP forward and backward; the first product's bias is added with the activation.
#include "workloads/decoder/mlp.h"

#include "workloads/decoder/kernels.h"
#include "workloads/decoder/linear.h"
#include "workloads/decoder/residual.h"

namespace orrery::decoder {
namespace {

using step::TapeWriter;

Linear widen(const Shapes& shapes) {
  return {.name = "mlp in", .in = shapes.hidden, .out = shapes.ffn_in, .fp8 = shapes.stack.fp8_products};
}
Linear narrow(const Shapes& shapes) {  // its bias belongs to the join
  return {.name = "mlp out", .in = shapes.ffn, .out = shapes.hidden, .fp8 = shapes.stack.fp8_products};
}

void activate(const Shapes& shapes, TapeWriter& tape) {
  const std::int64_t e = shapes.element;
  const std::int64_t in = shapes.tokens * shapes.ffn_in;
  if (shapes.model.biases && !shapes.stack.fused_bias_gelu) tape.run(pass_over("bias", in, e, e));
  tape.run(stream(shapes.model.mlp == MlpKind::kSwiglu ? "swiglu" : "gelu", Bytes(in * e),
                  shapes.bytes(shapes.tokens * shapes.ffn)));
}

void activate_backward(const Shapes& shapes, TapeWriter& tape) {
  const std::int64_t in = shapes.tokens * shapes.ffn_in;
  tape.run(stream(shapes.model.mlp == MlpKind::kSwiglu ? "swiglu gradient" : "gelu gradient",
                  shapes.bytes(in + shapes.tokens * shapes.ffn), shapes.bytes(in)));
  if (!shapes.model.biases) return;
  tape.run(pass_over("bias gradient", in, shapes.element, 0));
  tape.gradients_ready(shapes.ffn_in);
}

}  // namespace

void mlp_forward(const Shapes& shapes, TapeWriter& tape) {
  tape.part("mlp");
  norm_forward(shapes, shapes.product_element, tape);
  column_forward(shapes, widen(shapes), tape);
  activate(shapes, tape);
  row_forward(shapes, narrow(shapes), tape);
  join_forward(shapes, tape);
}

void mlp_backward(const Shapes& shapes, TapeWriter& tape) {
  tape.part("mlp");
  join_backward(shapes, tape);
  row_backward(shapes, narrow(shapes), tape);
  activate_backward(shapes, tape);
  column_backward(shapes, widen(shapes), tape);
  norm_backward(shapes, true, tape);
}

}  // namespace orrery::decoder
