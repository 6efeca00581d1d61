// Writes the passes of activations over HBM.
#include "workloads/decoder/activation_function.h"

#include "workloads/decoder/kernels.h"

namespace orrery::decoder {

using step::TapeWriter;

namespace {

std::string activation_name(const Shapes& shapes) {
  switch (shapes.model.mlp) {
    case MlpKind::kGelu:
      return "gelu";
    case MlpKind::kSwiglu:
      return "swiglu";
    case MlpKind::kSquaredRelu:
      return "squared relu";
    case MlpKind::kRelu:
      break;
  }
  return "relu";
}

}  // namespace

void activate(const Shapes& shapes, std::int64_t rows, std::int64_t width, bool biases, TapeWriter& tape) {
  const std::int64_t e = shapes.element;
  const std::int64_t in = rows * shapes.model.columns_in(width);
  if (biases && !shapes.stack.fused_bias_gelu) tape.run(pass_over("bias", in, e, e));
  tape.run(stream(activation_name(shapes), Bytes(in * e), shapes.bytes(rows * width)));
}

void activate_backward(const Shapes& shapes, std::int64_t rows, std::int64_t width, bool biases, TapeWriter& tape) {
  const std::int64_t columns = shapes.model.columns_in(width);
  const std::int64_t in = rows * columns;
  tape.run(stream(activation_name(shapes) + " gradient", shapes.bytes(in + rows * width), shapes.bytes(in)));
  if (!biases || tape.frozen()) return;
  tape.run(pass_over("bias gradient", in, shapes.element, 0));
  tape.gradients_ready(columns);
}

}  // namespace orrery::decoder
