// Writes the products, reductions and gathers of a split linear layer.
#include "workloads/decoder/linear.h"

#include "workloads/decoder/kernels.h"

namespace orrery::decoder {
namespace {

using step::Mark;
using step::Stream;
using step::TapeWriter;

Kernel scaled(Kernel kernel, double share) {
  kernel.model_flops = kernel.model_flops * share;
  kernel.hardware_flops = kernel.hardware_flops * share;
  return kernel;
}

Kernel forward_product(const Shapes& shapes, const Linear& linear) {
  return scaled(product(linear.name, shapes, shapes.tokens, linear.out, linear.in), linear.flop_share);
}
Kernel input_gradient(const Shapes& shapes, const Linear& linear) {
  return scaled(product(linear.name + " input gradient", shapes, shapes.tokens, linear.in, linear.out),
                linear.flop_share);
}

// The weight's gradient is added to what earlier microbatches left, in the product itself or in a pass of its own.
void weight_gradient(const Shapes& shapes, const Linear& linear, TapeWriter& tape) {
  const std::int64_t weights = linear.in * linear.out;
  Kernel kernel = scaled(product(linear.name + " weight gradient", shapes, linear.out, linear.in, shapes.tokens),
                         linear.flop_share);
  const Bytes gradient(weights * shapes.gradient_element);
  if (shapes.stack.fused_gradient_accumulation) {
    kernel.read += gradient;
    kernel.written = gradient;
    tape.run(kernel);
  } else {
    tape.run(kernel);
    tape.run(stream("accumulate", gradient + shapes.bytes(weights), gradient));
  }
  if (linear.bias) tape.run(pass_over("bias gradient", shapes.tokens * linear.out, shapes.element, 0));
  if (linear.gradient_final) tape.gradients_ready(weights + (linear.bias ? linear.out : 0));
}

Mark gather(const Shapes& shapes, TapeWriter& tape, std::string_view name) {
  if (!shapes.sequence_parallel) return std::nullopt;
  return tape.collective(Stream::kTensor, CollectiveKind::kAllGather, tape.groups().tensor, shapes.hidden_bytes(),
                         name);
}
Mark sum(const Shapes& shapes, TapeWriter& tape, std::string_view name) {
  const CollectiveKind kind = shapes.sequence_parallel ? CollectiveKind::kReduceScatter : CollectiveKind::kAllReduce;
  return tape.collective(Stream::kTensor, kind, tape.groups().tensor, shapes.hidden_bytes(), name);
}

}  // namespace

void column_forward(const Shapes& shapes, const Linear& linear, TapeWriter& tape) {
  tape.wait(gather(shapes, tape, "input"));
  tape.run(forward_product(shapes, linear));
  if (linear.bias) tape.run(pass_over("bias", shapes.tokens * linear.out, shapes.element, shapes.element));
}

void column_backward(const Shapes& shapes, const Linear& linear, TapeWriter& tape) {
  const bool overlap = shapes.overlap_tensor;
  const Mark input = gather(shapes, tape, "input again");
  if (!overlap) tape.wait(input);
  tape.run(input_gradient(shapes, linear));
  if (!overlap) weight_gradient(shapes, linear, tape);
  const Mark reduced = sum(shapes, tape, "input gradient");
  if (overlap) {
    tape.wait(input);
    weight_gradient(shapes, linear, tape);
  }
  tape.wait(reduced);
}

void row_forward(const Shapes& shapes, const Linear& linear, TapeWriter& tape) {
  tape.run(forward_product(shapes, linear));
  tape.wait(sum(shapes, tape, "output"));
}

void row_backward(const Shapes& shapes, const Linear& linear, TapeWriter& tape) {
  tape.wait(gather(shapes, tape, "output gradient"));
  tape.run(input_gradient(shapes, linear));
  weight_gradient(shapes, linear, tape);
}

}  // namespace orrery::decoder
