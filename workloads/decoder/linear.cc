// Writes the products, reductions and gathers of a split linear layer.
#include "workloads/decoder/linear.h"

#include <algorithm>
#include <utility>
#include <vector>

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

// Of the residual stream's rows, those of one part of it: whole, or a mesh's column's share of their width.
Bytes stream_bytes(const Shapes& shapes, std::int64_t rows, std::int64_t element) {
  return Bytes(rows * shapes.hidden / shapes.tensor_rows * element);
}
Mark gather(const Shapes& shapes, const Linear& linear, std::int64_t rows, TapeWriter& tape, std::string_view name) {
  if (!shapes.sequence_parallel) return std::nullopt;
  const Bytes bytes = stream_bytes(shapes, rows, linear.fp8 ? kFp8Bytes : shapes.element);
  return tape.collective(Stream::kTensor, CollectiveKind::kAllGather, tape.groups().tensor_column, bytes, name);
}
Mark sum(const Shapes& shapes, std::int64_t rows, TapeWriter& tape, std::string_view name) {
  const CollectiveKind kind = shapes.sequence_parallel ? CollectiveKind::kReduceScatter : CollectiveKind::kAllReduce;
  return tape.collective(Stream::kTensor, kind, tape.groups().tensor_column, stream_bytes(shapes, rows, shapes.element),
                         name);
}

// Over the ranks of a mesh's row: `width` columns of every row, of which each has its share before or after.
Mark along_row(const Shapes& shapes, CollectiveKind kind, std::int64_t width, std::int64_t element, TapeWriter& tape,
               std::string_view name) {
  return tape.collective(Stream::kTensor, kind, tape.groups().tensor_row, Bytes(shapes.tokens * width * element), name);
}

// What a rank of a mesh holds of the weight: of r rows and c columns of ranks, 1/r of one side and 1/c of the other.
Linear by_columns(const Shapes& shapes, const Linear& linear) {
  Linear mine = linear;
  mine.in /= shapes.tensor_rows;
  mine.out *= shapes.tensor_rows;
  return mine;
}
Linear by_rows(const Shapes& shapes, const Linear& linear) {
  Linear mine = linear;
  mine.in *= shapes.tensor_rows;
  mine.out /= shapes.tensor_rows;
  return mine;
}

// The rows of each tile of a product.
std::vector<std::int64_t> tiles_of(const Shapes& shapes, const Linear& linear) {
  const std::int64_t rows = rows_of(shapes, linear);
  const std::int64_t count = std::min(shapes.tensor_tiles, rows);
  std::vector<std::int64_t> tiles;
  for (std::int64_t t = 0; t < count; ++t) tiles.push_back((t + 1) * rows / count - t * rows / count);
  return tiles;
}
Linear tile_of(const Linear& linear, std::int64_t rows) {
  Linear tile = linear;
  tile.rows = rows;
  return tile;
}

// Each tile of a product once its rows have been gathered, while those of the next are.
template <class Run>
void gathered_product(const Shapes& shapes, const Linear& linear, const Linear& mine, Run run, TapeWriter& tape,
                      std::string_view name) {
  const std::vector<std::int64_t> tiles = tiles_of(shapes, linear);
  std::vector<Mark> marks;
  for (const std::int64_t rows : tiles) marks.push_back(gather(shapes, linear, rows, tape, name));
  for (std::size_t t = 0; t < tiles.size(); ++t) {
    tape.wait(marks[t]);
    run(tile_of(mine, tiles[t]));
  }
}
// Each tile's result is summed while the next is made.
void summed_product(const Shapes& shapes, const Linear& linear, const Linear& mine, TapeWriter& tape,
                    std::string_view name) {
  Mark last;
  for (const std::int64_t rows : tiles_of(shapes, linear)) {
    tape.run(forward_product(shapes, tile_of(mine, rows)));
    last = sum(shapes, rows, tape, name);
  }
  tape.wait(last);
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
  const Linear mine = by_columns(shapes, linear);
  const auto run = [&](const Linear& tile) { tape.run(forward_product(shapes, tile)); };
  gathered_product(shapes, linear, mine, run, tape, "input");
  tape.wait(along_row(shapes, CollectiveKind::kReduceScatter, mine.out, shapes.element, tape, "partial sums"));
  if (linear.bias) tape.run(pass_over("bias", shapes.tokens * linear.out, shapes.element, shapes.element));
}

void column_backward(const Shapes& shapes, const Linear& linear, TapeWriter& tape) {
  const bool overlap = shapes.overlap_tensor;
  const Linear mine = by_columns(shapes, linear);
  const std::int64_t rows = rows_of(shapes, linear);
  const Mark input = gather(shapes, linear, rows, tape, "input again");
  if (!overlap) tape.wait(input);
  if (linear.fp8) tape.run(cast_both("cast " + linear.name + " gradient", shapes, shapes.tokens * linear.out));
  tape.wait(along_row(shapes, CollectiveKind::kAllGather, mine.out, linear.fp8 ? kFp8Bytes : shapes.element, tape,
                      "output gradient"));
  tape.run(input_gradient(shapes, mine));
  if (!overlap) {
    transpose_input(shapes, linear, tape);
    weight_gradient(shapes, mine, tape);
  }
  const Mark reduced = sum(shapes, rows, tape, "input gradient");
  if (overlap) {
    tape.wait(input);
    transpose_input(shapes, linear, tape);
    weight_gradient(shapes, mine, tape);
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
  const Linear mine = by_rows(shapes, linear);
  if (linear.fp8) tape.run(cast_both("cast " + linear.name + " input", shapes, shapes.tokens * linear.in));
  tape.wait(
      along_row(shapes, CollectiveKind::kAllGather, mine.in, linear.fp8 ? kFp8Bytes : shapes.element, tape, "input"));
  summed_product(shapes, linear, mine, tape, "output");
}

void row_backward(const Shapes& shapes, const Linear& linear, TapeWriter& tape) {
  const bool gathers = linear.fp8 && shapes.sequence_parallel;
  const std::string cast = "cast " + linear.name + " gradient";
  const Linear mine = by_rows(shapes, linear);
  if (gathers) {
    tape.run(pass_over(cast, shapes.shard * linear.out, shapes.element, kFp8Bytes));
  } else if (linear.fp8) {
    tape.run(cast_both(cast, shapes, shapes.tokens * linear.out));
  }
  const auto run = [&](const Linear& tile) {
    if (gathers) tape.run(transpose("transpose " + linear.name + " gradient", tile.rows * linear.out));
    tape.run(input_gradient(shapes, tile));
  };
  gathered_product(shapes, linear, mine, run, tape, "output gradient");
  const Mark summed =
      along_row(shapes, CollectiveKind::kReduceScatter, mine.in, shapes.element, tape, "partial input gradient");
  weight_gradient(shapes, mine, tape);
  tape.wait(summed);
}

}  // namespace orrery::decoder
