// Writes the products, reductions and gathers of a split linear layer.
#include "workloads/decoder/linear.h"

#include <utility>

#include "workloads/decoder/kernels.h"

namespace orrery::decoder {
namespace {

using step::Held;
using step::Mark;
using step::Stream;
using step::TapeWriter;
using step::WeightGradients;

Kernel scaled(Kernel kernel, double share) {
  kernel.model_flops = kernel.model_flops * share;
  kernel.hardware_flops = kernel.hardware_flops * share;
  return kernel;
}

std::int64_t rows_of(const Shapes& shapes, const Linear& linear) {
  return linear.rows > 0 ? linear.rows : shapes.tokens;
}

// Two of four weights left out: engines take half the time; of four weights two are read and two bits each say which.
constexpr double kSparseGain = 2;
constexpr std::int64_t kSparseIndexBits = 2;

// As inference reads them.
Bytes weight_bytes(const Shapes& shapes, const Linear& linear) {
  const std::int64_t weights = linear.batch * linear.in * linear.out;
  std::int64_t bits = shapes.compression.weight_bits;
  if (bits == 0) bits = 8 * (linear.fp8 ? kFp8Bytes : shapes.element);
  if (!shapes.compression.sparse) return Bytes(weights * bits / 8);
  return Bytes(weights / 2 * (bits + kSparseIndexBits) / 8);
}

// m×n×k in the layer's precision, its result in the stack's.
Kernel linear_product(std::string name, const Shapes& shapes, const Linear& linear, std::int64_t m, std::int64_t n,
                      std::int64_t k) {
  const Precision precision = linear.fp8 ? Precision::kFp8 : shapes.stack.compute;
  Kernel kernel = scaled(matrix_product(std::move(name), precision, linear.batch, m, n, k), linear.flop_share);
  kernel.written = shapes.bytes(linear.batch * m * n);
  if (linear.fp8) kernel.engine_share = shapes.stack.fp8_share;
  if (shapes.cache) {
    kernel.read += weight_bytes(shapes, linear) - size_of(precision) * (linear.batch * linear.in * linear.out);
    if (shapes.compression.sparse) kernel.engine_share *= kSparseGain;
  }
  if (shapes.stack.experts_apart) kernel.launches = linear.batch;
  return kernel;
}

Kernel forward_product(const Shapes& shapes, const Linear& linear) {
  return linear_product(linear.name, shapes, linear, rows_of(shapes, linear), linear.out, linear.in);
}
Kernel input_gradient(const Shapes& shapes, const Linear& linear) {
  return linear_product(linear.name + " input gradient", shapes, linear, rows_of(shapes, linear), linear.in,
                        linear.out);
}

// FP8 in both layouts, from the stack's precision.
Kernel cast_both(std::string name, const Shapes& shapes, std::int64_t elements, std::int64_t batch = 1) {
  Kernel kernel = pass_over(std::move(name), elements, shapes.element, 2 * kFp8Bytes);
  if (shapes.stack.experts_apart) kernel.launches = batch;
  return kernel;
}
Kernel transpose(std::string name, std::int64_t elements) {
  return pass_over(std::move(name), elements, kFp8Bytes, kFp8Bytes);
}

// The weight's gradient is added to what earlier microbatches left, in the product itself or in a pass of its own.
void weight_gradient(const Shapes& shapes, const Linear& linear, TapeWriter& tape) {
  const std::int64_t weights = linear.batch * linear.in * linear.out;
  const std::int64_t rows = rows_of(shapes, linear);
  Kernel kernel = linear_product(linear.name + " weight gradient", shapes, linear, linear.out, linear.in, rows);
  const Bytes gradient(weights * shapes.gradient_element);
  {
    const WeightGradients here(tape);
    if (shapes.stack.fused_gradient_accumulation) {
      kernel.read += gradient;
      kernel.written = gradient;
      tape.run(kernel);
    } else {
      tape.run(kernel);
      tape.run(stream("accumulate", gradient + shapes.bytes(weights), gradient));
    }
  }
  if (linear.bias && !linear.fp8) tape.run(pass_over("bias gradient", rows * linear.out, shapes.element, 0));
  if (!linear.gradient_final) return;
  tape.gradients_ready(weights + (linear.bias ? linear.out : 0), linear.experts ? Held::kByExperts : Held::kByReplicas);
}

Mark gather(const Shapes& shapes, const Linear& linear, TapeWriter& tape, std::string_view name) {
  if (!shapes.sequence_parallel) return std::nullopt;
  const Bytes bytes = linear.fp8 ? Bytes(shapes.tokens * shapes.hidden * kFp8Bytes) : shapes.hidden_bytes();
  return tape.collective(Stream::kTensor, CollectiveKind::kAllGather, tape.groups().tensor, bytes, name);
}
Mark sum(const Shapes& shapes, TapeWriter& tape, std::string_view name) {
  const CollectiveKind kind = shapes.sequence_parallel ? CollectiveKind::kReduceScatter : CollectiveKind::kAllReduce;
  return tape.collective(Stream::kTensor, kind, tape.groups().tensor, shapes.hidden_bytes(), name);
}

// Of a layer by columns, for its weight's gradient.
void transpose_input(const Shapes& shapes, const Linear& linear, TapeWriter& tape) {
  const WeightGradients here(tape);
  if (linear.fp8) tape.run(transpose("transpose " + linear.name + " input", shapes.tokens * linear.in));
}

}  // namespace

Bytes weight_operands(const Shapes& shapes, const Linear& linear) {
  const std::int64_t elements = linear.batch * rows_of(shapes, linear) * (linear.in + linear.out);
  return linear.fp8 ? Bytes(elements * kFp8Bytes) : shapes.bytes(elements);
}

void column_forward(const Shapes& shapes, const Linear& linear, TapeWriter& tape) {
  tape.wait(gather(shapes, linear, tape, "input"));
  tape.run(forward_product(shapes, linear));
  if (linear.bias) tape.run(pass_over("bias", shapes.tokens * linear.out, shapes.element, shapes.element));
}

void column_backward(const Shapes& shapes, const Linear& linear, TapeWriter& tape) {
  const bool overlap = shapes.overlap_tensor;
  const Mark input = gather(shapes, linear, tape, "input again");
  if (!overlap) tape.wait(input);
  if (linear.fp8) tape.run(cast_both("cast " + linear.name + " gradient", shapes, shapes.tokens * linear.out));
  tape.run(input_gradient(shapes, linear));
  if (!overlap) {
    transpose_input(shapes, linear, tape);
    weight_gradient(shapes, linear, tape);
  }
  const Mark reduced = sum(shapes, tape, "input gradient");
  if (overlap) {
    tape.wait(input);
    transpose_input(shapes, linear, tape);
    weight_gradient(shapes, linear, tape);
  }
  tape.wait(reduced);
}

void local_forward(const Shapes& shapes, const Linear& linear, TapeWriter& tape) {
  const std::int64_t in = linear.batch * rows_of(shapes, linear) * linear.in;
  if (linear.fp8) tape.run(cast_both("cast " + linear.name + " input", shapes, in, linear.batch));
  tape.run(forward_product(shapes, linear));
}

void local_backward(const Shapes& shapes, const Linear& linear, TapeWriter& tape) {
  const std::int64_t out = linear.batch * rows_of(shapes, linear) * linear.out;
  if (linear.fp8) tape.run(cast_both("cast " + linear.name + " gradient", shapes, out, linear.batch));
  tape.run(input_gradient(shapes, linear));
  weight_gradient(shapes, linear, tape);
}

void row_forward(const Shapes& shapes, const Linear& linear, TapeWriter& tape) {
  if (linear.fp8) tape.run(cast_both("cast " + linear.name + " input", shapes, shapes.tokens * linear.in));
  tape.run(forward_product(shapes, linear));
  tape.wait(sum(shapes, tape, "output"));
}

void row_backward(const Shapes& shapes, const Linear& linear, TapeWriter& tape) {
  const bool gathers = linear.fp8 && shapes.sequence_parallel;
  const std::string cast = "cast " + linear.name + " gradient";
  if (gathers) tape.run(pass_over(cast, shapes.shard * linear.out, shapes.element, kFp8Bytes));
  tape.wait(gather(shapes, linear, tape, "output gradient"));
  if (gathers) tape.run(transpose("transpose " + linear.name + " gradient", shapes.tokens * linear.out));
  if (linear.fp8 && !gathers) tape.run(cast_both(cast, shapes, shapes.tokens * linear.out));
  tape.run(input_gradient(shapes, linear));
  weight_gradient(shapes, linear, tape);
}

}  // namespace orrery::decoder
