// Writes the products, reductions and gathers of a split linear layer.
#include "workloads/decoder/linear.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "workloads/decoder/adapter.h"
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

Format operand_of(const Shapes& shapes, const Linear& linear) {
  return linear.fp8 ? shapes.product_element : format_of(shapes.stack.compute);
}

// Two of four weights left out: engines take half the time; of four weights two are read and two bits each say which.
constexpr double kSparseGain = 2;
constexpr std::int64_t kSparseIndexBits = 2;

// As inference reads them.
Bytes weight_bytes(const Shapes& shapes, const Linear& linear) {
  const std::int64_t weights = linear.batch * linear.in * linear.out;
  std::int64_t bits = shapes.compression.weight_bits;
  if (bits == 0) bits = linear.fp8 ? shapes.product_element.bits : 8 * shapes.element;
  if (!shapes.compression.sparse) return Bytes(weights * bits / 8);
  return Bytes(weights / 2 * (bits + kSparseIndexBits) / 8);
}

// Scales of the operands of a narrow product.
Bytes scales(const Shapes& shapes, std::int64_t elements) {
  return shapes.product_element.bytes(elements) -
         Bytes(divide(static_cast<Int128>(elements) * shapes.product_element.bits, 8, Rounding::kUp));
}

// m×n×k in the layer's precision, its result in the stack's.
Kernel linear_product(std::string name, const Shapes& shapes, const Linear& linear, std::int64_t m, std::int64_t n,
                      std::int64_t k) {
  const Precision precision = linear.fp8 ? shapes.stack.products() : shapes.stack.compute;
  Kernel kernel = scaled(matrix_product(std::move(name), precision, linear.batch, m, n, k), linear.flop_share);
  kernel.written = shapes.bytes(linear.batch * m * n);
  if (linear.fp8) {
    kernel.engine_share = shapes.stack.fp8_share;
    kernel.read += scales(shapes, linear.batch * m * k) + scales(shapes, linear.batch * k * n);
  }
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

// As products read it, from the stack's precision: in both layouts, or, of a frozen layer, in one.
Kernel cast(std::string name, const Shapes& shapes, std::int64_t elements, int layouts, std::int64_t batch = 1) {
  Kernel kernel = stream(std::move(name), shapes.bytes(elements), shapes.product_element.bytes(elements) * layouts);
  if (shapes.stack.experts_apart) kernel.launches = batch;
  return kernel;
}
Kernel cast_both(std::string name, const Shapes& shapes, std::int64_t elements, std::int64_t batch = 1) {
  return cast(std::move(name), shapes, elements, shapes.frozen() ? 1 : 2, batch);
}
Kernel transpose(std::string name, const Shapes& shapes, std::int64_t elements) {
  return stream(std::move(name), shapes.product_element.bytes(elements), shapes.product_element.bytes(elements));
}

// Between the format that products read and that in which inputs are kept, if they differ.
bool packs_input(const Shapes& shapes, const Linear& linear) {
  return shapes.stack.roles.activations && shapes.kept_element != operand_of(shapes, linear) && !linear.exact &&
         !shapes.cache && reads_input(shapes, linear);
}
void pack_input(const Shapes& shapes, const Linear& linear, std::int64_t rows, TapeWriter& tape) {
  if (!packs_input(shapes, linear)) return;
  const std::int64_t elements = linear.batch * rows * linear.in;
  tape.run(stream("pack " + linear.name + " input", operand_of(shapes, linear).bytes(elements),
                  shapes.kept_element.bytes(elements)));
}
void unpack_input(const Shapes& shapes, const Linear& linear, std::int64_t rows, TapeWriter& tape) {
  if (!packs_input(shapes, linear)) return;
  const WeightGradients here(tape);
  const std::int64_t elements = linear.batch * rows * linear.in;
  tape.run(stream("unpack " + linear.name + " input", shapes.kept_element.bytes(elements),
                  operand_of(shapes, linear).bytes(elements)));
}

// A frozen weight in nf4 is made 16-bit for each product, and dropped after it.
void dequantise(const Shapes& shapes, const Linear& linear, TapeWriter& tape) {
  if (!shapes.adapters.nf4 || linear.exact) return;
  const std::int64_t weights = linear.batch * linear.in * linear.out;
  tape.run(stream("dequantise " + linear.name, find_format("nf4")->weight_bytes(weights), shapes.bytes(weights)));
}

// The weight's gradient is added to what earlier microbatches left, in the product itself or in a pass of its own.
// `biases`: of this rank, of a layer that has some.
void weight_gradient(const Shapes& shapes, const Linear& linear, std::int64_t biases, TapeWriter& tape) {
  const std::int64_t weights = linear.batch * linear.in * linear.out;
  const std::int64_t rows = rows_of(shapes, linear);
  Kernel kernel = linear_product(linear.name + " weight gradient", shapes, linear, linear.out, linear.in, rows);
  {
    const WeightGradients here(tape);
    accumulate(shapes, std::move(kernel), weights, tape);
  }
  if (linear.bias && !linear.fp8 && !tape.frozen())
    tape.run(pass_over("bias gradient", rows * biases, shapes.element, 0));
  if (!linear.gradient_final) return;
  tape.gradients_ready(weights + (linear.bias ? biases : 0), linear.experts ? Held::kByExperts : Held::kByReplicas);
}

// In which rows travel over the tensor group, if not as they are.
const Format* packed_rows(const Shapes& shapes, const Linear& linear, const Format& as_they_are) {
  const std::optional<Format>& wire = shapes.stack.roles.tensor;
  return wire && *wire != as_they_are && !linear.exact ? &*wire : nullptr;
}
// Over elements before and after they travel.
void repack(const char* name, const Format& from, const Format& to, std::int64_t elements, TapeWriter& tape) {
  tape.run(stream(name, from.bytes(elements), to.bytes(elements)));
}

// Of `rows` rows of the residual stream: what a rank holds once they are gathered, a mesh's column's share of their
// width; and what it holds before.
std::int64_t gathered_elements(const Shapes& shapes, std::int64_t rows) {
  return rows * shapes.hidden / shapes.tensor_rows;
}
std::int64_t held_elements(const Shapes& shapes, std::int64_t rows) {
  return rows * shapes.shard / shapes.tokens * shapes.hidden;
}

Mark gather(const Shapes& shapes, const Linear& linear, std::int64_t rows, TapeWriter& tape, std::string_view name) {
  if (!shapes.sequence_parallel || !tape.groups().tensor_column) return std::nullopt;
  const Format own = operand_of(shapes, linear);
  const Format* wire = packed_rows(shapes, linear, own);
  if (wire != nullptr) repack("pack rows", own, *wire, held_elements(shapes, rows), tape);
  return tape.collective(Stream::kTensor, CollectiveKind::kAllGather, tape.groups().tensor_column,
                         (wire != nullptr ? *wire : own).bytes(gathered_elements(shapes, rows)), name);
}
// Waits for what gather() began.
void await_gathered(const Shapes& shapes, const Linear& linear, std::int64_t rows, Mark mark, TapeWriter& tape) {
  tape.wait(mark);
  const Format own = operand_of(shapes, linear);
  if (const Format* wire = packed_rows(shapes, linear, own); mark && wire != nullptr)
    repack("unpack rows", *wire, own, gathered_elements(shapes, rows), tape);
}
Mark sum(const Shapes& shapes, const Linear& linear, std::int64_t rows, TapeWriter& tape, std::string_view name) {
  const CollectiveKind kind = shapes.sequence_parallel ? CollectiveKind::kReduceScatter : CollectiveKind::kAllReduce;
  const Format own = format_of(shapes.stack.compute);
  const Format* wire = tape.groups().tensor_column ? packed_rows(shapes, linear, own) : nullptr;
  if (wire != nullptr) repack("pack rows", own, *wire, gathered_elements(shapes, rows), tape);
  return tape.collective(Stream::kTensor, kind, tape.groups().tensor_column,
                         (wire != nullptr ? *wire : own).bytes(gathered_elements(shapes, rows)), name);
}
void await_sum(const Shapes& shapes, const Linear& linear, Mark mark, TapeWriter& tape) {
  tape.wait(mark);
  const Format own = format_of(shapes.stack.compute);
  if (const Format* wire = packed_rows(shapes, linear, own); mark && wire != nullptr)
    repack("unpack rows", *wire, own, shapes.shard * shapes.hidden, tape);
}

// Over the ranks of a mesh's row: `width` columns of every row, of which each has its share before or after.
Mark along_row(const Shapes& shapes, CollectiveKind kind, std::int64_t width, const Format& format, TapeWriter& tape,
               std::string_view name) {
  return tape.collective(Stream::kTensor, kind, tape.groups().tensor_row, format.bytes(shapes.tokens * width), name);
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

// The rows of each tile of a product; one that has nobody to wait for isn't cut, nor what stands beside a frozen one.
std::vector<std::int64_t> tiles_of(const Shapes& shapes, const Linear& linear, bool waits) {
  const std::int64_t rows = rows_of(shapes, linear);
  const std::int64_t count = !waits || linear.adapter.count > 0 ? 1 : std::min(shapes.tensor_tiles, rows);
  std::vector<std::int64_t> tiles;
  tiles.reserve(static_cast<std::size_t>(count));
  for (std::int64_t t = 0; t < count; ++t) tiles.push_back((t + 1) * rows / count - t * rows / count);
  return tiles;
}
Linear tile_of(const Linear& linear, std::int64_t rows) {
  Linear tile = linear;
  tile.rows = rows;
  return tile;
}

// Begins to gather all tiles' rows, then runs each tile once its own are there.
template <class Run>
void run_gathered(const Shapes& shapes, const Linear& linear, Run run, TapeWriter& tape, std::string_view name) {
  const std::vector<std::int64_t> tiles =
      tiles_of(shapes, linear, shapes.sequence_parallel && tape.groups().tensor_column);
  std::vector<Mark> marks;
  marks.reserve(tiles.size());
  for (const std::int64_t rows : tiles) marks.push_back(gather(shapes, linear, rows, tape, name));
  for (std::size_t t = 0; t < tiles.size(); ++t) {
    await_gathered(shapes, linear, tiles[t], marks[t], tape);
    run(tiles[t], t == 0);
  }
}

// Of a layer by columns, for its weight's gradient.
void transpose_input(const Shapes& shapes, const Linear& linear, TapeWriter& tape) {
  const WeightGradients here(tape);
  if (linear.fp8) tape.run(transpose("transpose " + linear.name + " input", shapes, shapes.tokens * linear.in));
}

}  // namespace

Bytes weight_operands(const Shapes& shapes, const Linear& linear) {
  const std::int64_t elements = linear.batch * rows_of(shapes, linear) * (linear.in + linear.out);
  return operand_of(shapes, linear).bytes(elements);
}

bool reads_input(const Shapes& shapes, const Linear& linear) { return !shapes.frozen() || linear.adapter.count > 0; }

Bytes kept_input(const Shapes& shapes, const Linear& linear) {
  if (!reads_input(shapes, linear)) return Bytes(0);
  return shapes.kept_element.bytes(linear.batch * rows_of(shapes, linear) * linear.in) + adapter_kept(shapes, linear);
}

void column_forward(const Shapes& shapes, const Linear& linear, TapeWriter& tape) {
  const Linear mine = by_columns(shapes, linear);
  pack_input(shapes, linear, shapes.shard, tape);
  run_gathered(
      shapes, linear,
      [&](std::int64_t rows, bool first) {
        if (first) dequantise(shapes, linear, tape);
        tape.run(forward_product(shapes, tile_of(mine, rows)));
      },
      tape, "input");
  tape.wait(along_row(shapes, CollectiveKind::kReduceScatter, mine.out, format_of(shapes.stack.compute), tape,
                      "partial sums"));
  adapt(shapes, linear, tape);
  if (linear.bias) tape.run(pass_over("bias", shapes.tokens * linear.out, shapes.element, shapes.element));
}

void column_backward(const Shapes& shapes, const Linear& linear, TapeWriter& tape) {
  const bool overlap = shapes.overlap_tensor;
  const bool frozen = shapes.frozen();
  const Linear mine = by_columns(shapes, linear);
  const std::int64_t rows = rows_of(shapes, linear);
  unpack_input(shapes, linear, shapes.shard, tape);
  const Mark input = reads_input(shapes, linear) ? gather(shapes, linear, rows, tape, "input again") : std::nullopt;
  if (!overlap) await_gathered(shapes, linear, rows, input, tape);
  dequantise(shapes, linear, tape);
  if (linear.fp8) tape.run(cast_both("cast " + linear.name + " gradient", shapes, shapes.tokens * linear.out));
  tape.wait(
      along_row(shapes, CollectiveKind::kAllGather, mine.out, operand_of(shapes, linear), tape, "output gradient"));
  tape.run(input_gradient(shapes, mine));
  if (!overlap) {
    transpose_input(shapes, linear, tape);
    weight_gradient(shapes, mine, linear.out, tape);
  }
  if (frozen) {  // an adapter's part of x's gradient is summed with the rest
    if (overlap) await_gathered(shapes, linear, rows, input, tape);
    adapt_backward(shapes, linear, tape);
  }
  const Mark reduced = sum(shapes, linear, rows, tape, "input gradient");
  if (overlap && !frozen) {
    await_gathered(shapes, linear, rows, input, tape);
    transpose_input(shapes, linear, tape);
    weight_gradient(shapes, mine, linear.out, tape);
  }
  await_sum(shapes, linear, reduced, tape);
}

void local_forward(const Shapes& shapes, const Linear& linear, TapeWriter& tape) {
  const std::int64_t in = linear.batch * rows_of(shapes, linear) * linear.in;
  if (linear.fp8) tape.run(cast_both("cast " + linear.name + " input", shapes, in, linear.batch));
  pack_input(shapes, linear, rows_of(shapes, linear), tape);
  dequantise(shapes, linear, tape);
  tape.run(forward_product(shapes, linear));
}

void local_backward(const Shapes& shapes, const Linear& linear, TapeWriter& tape) {
  const std::int64_t out = linear.batch * rows_of(shapes, linear) * linear.out;
  dequantise(shapes, linear, tape);
  if (linear.fp8) tape.run(cast_both("cast " + linear.name + " gradient", shapes, out, linear.batch));
  tape.run(input_gradient(shapes, linear));
  unpack_input(shapes, linear, rows_of(shapes, linear), tape);
  weight_gradient(shapes, linear, linear.out, tape);
}

void row_forward(const Shapes& shapes, const Linear& linear, TapeWriter& tape) {
  const Linear mine = by_rows(shapes, linear);
  if (linear.fp8) tape.run(cast_both("cast " + linear.name + " input", shapes, shapes.tokens * linear.in));
  pack_input(shapes, linear, shapes.tokens, tape);
  tape.wait(along_row(shapes, CollectiveKind::kAllGather, mine.in, operand_of(shapes, linear), tape, "input"));
  dequantise(shapes, linear, tape);
  Mark last;
  for (const std::int64_t rows :
       tiles_of(shapes, linear, tape.groups().tensor_column.has_value())) {  // each is summed while the next is made
    tape.run(forward_product(shapes, tile_of(mine, rows)));
    adapt(shapes, linear, tape);
    last = sum(shapes, linear, rows, tape, "output");
  }
  await_sum(shapes, linear, last, tape);
}

void row_backward(const Shapes& shapes, const Linear& linear, TapeWriter& tape) {
  const bool casts_share = linear.fp8 && shapes.sequence_parallel;
  const std::string name = "cast " + linear.name + " gradient";
  const Linear mine = by_rows(shapes, linear);
  if (casts_share) tape.run(cast(name, shapes, shapes.shard * linear.out, 1));
  run_gathered(
      shapes, linear,
      [&](std::int64_t rows, bool first) {
        if (casts_share && !tape.frozen())
          tape.run(transpose("transpose " + linear.name + " gradient", shapes, rows * mine.out));
        if (first && linear.fp8 && !casts_share) tape.run(cast_both(name, shapes, shapes.tokens * linear.out));
        if (first) dequantise(shapes, linear, tape);
        tape.run(input_gradient(shapes, tile_of(mine, rows)));
      },
      tape, "output gradient");
  const Mark summed = along_row(shapes, CollectiveKind::kReduceScatter, mine.in, format_of(shapes.stack.compute), tape,
                                "partial input gradient");
  adapt_backward(shapes, linear, tape);
  unpack_input(shapes, linear, shapes.tokens, tape);
  weight_gradient(shapes, mine, linear.out, tape);
  tape.wait(summed);
}

}  // namespace orrery::decoder
