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

// PyTorch's clamp() of both halves, the gate's from above and the other's from both sides, and their cat(): Megatron
// Core's fused_bias_geglu.py has them outside its fused function.
void limit(const Shapes& shapes, std::int64_t elements, TapeWriter& tape) {
  if (!shapes.model.clamps || !shapes.stack.unfused.limits) return;
  const std::int64_t e = shapes.element;
  for (const char* half : {"limit gate", "limit input"}) tape.run(pass_over(half, elements, e, e));
  tape.run(pass_over("join halves", 2 * elements, e, e));
}

// Its gradient: a comparison a bound, joined where there are two, and a choice by it; then cat() once more.
void limit_backward(const Shapes& shapes, std::int64_t elements, TapeWriter& tape) {
  if (!shapes.model.clamps || !shapes.stack.unfused.limits) return;
  const std::int64_t e = shapes.element;
  for (const int bounds : {1, 2}) {
    for (int b = 0; b < bounds; ++b) tape.run(pass_over("within limit", elements, e, kMaskBytes));
    if (bounds > 1) tape.run(pass_over("within limits", elements, 2 * kMaskBytes, kMaskBytes));
    tape.run(pass_over("limit gradient", elements, e + kMaskBytes, e));
  }
  tape.run(pass_over("join halves", 2 * elements, e, e));
}

}  // namespace

void activate(const Shapes& shapes, std::int64_t rows, std::int64_t width, bool biases, TapeWriter& tape) {
  const std::int64_t e = shapes.element;
  const std::int64_t in = rows * shapes.model.columns_in(width);
  if (biases && !shapes.stack.fused_bias_gelu) tape.run(pass_over("bias", in, e, e));
  limit(shapes, rows * width, tape);
  tape.run(stream(activation_name(shapes), Bytes(in * e), shapes.bytes(rows * width)));
}

void activate_backward(const Shapes& shapes, std::int64_t rows, std::int64_t width, bool biases, TapeWriter& tape) {
  const std::int64_t columns = shapes.model.columns_in(width);
  const std::int64_t in = rows * columns;
  tape.run(stream(activation_name(shapes) + " gradient", shapes.bytes(in + rows * width), shapes.bytes(in)));
  limit_backward(shapes, rows * width, tape);
  if (!biases || tape.frozen()) return;
  tape.run(pass_over("bias gradient", in, shapes.element, 0));
  tape.gradients_ready(columns);
}

}  // namespace orrery::decoder
