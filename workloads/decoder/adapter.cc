// Writes the narrow products of adapters.
#include "workloads/decoder/adapter.h"

#include <utility>

#include "workloads/decoder/kernels.h"

namespace orrery::decoder {

using step::TapeWriter;

void accumulate(const Shapes& shapes, Kernel kernel, std::int64_t weights, TapeWriter& tape) {
  const Bytes gradient(weights * shapes.gradient_element);
  if (shapes.stack.fused_gradient_accumulation) {
    kernel.read += gradient;
    kernel.written = gradient;
    tape.run(std::move(kernel));
  } else {
    tape.run(std::move(kernel));
    tape.run(stream("accumulate", gradient + shapes.bytes(weights), gradient));
  }
}

void adapt(const Shapes& shapes, const Linear& linear, TapeWriter& tape) {
  const Adapter& adapter = linear.adapter;
  if (adapter.count == 0) return;
  const std::int64_t rows = rows_of(shapes, linear);
  const std::int64_t rank = shapes.adapters.rank;
  tape.run(product(linear.name + " adapter A", shapes, rows, adapter.count * rank, linear.in));
  Kernel out = product(linear.name + " adapter B", shapes, rows, adapter.out, rank);
  out.read += out.written + shapes.bytes((adapter.count - 1) * rows * rank);
  tape.run(std::move(out));
}

void adapt_backward(const Shapes& shapes, const Linear& linear, TapeWriter& tape) {
  const Adapter& adapter = linear.adapter;
  if (adapter.count == 0) return;
  const std::int64_t rows = rows_of(shapes, linear);
  const std::int64_t rank = shapes.adapters.rank;
  const std::int64_t narrow = adapter.count * rank;
  const Bytes other_ranks = shapes.bytes((adapter.count - 1) * rows * rank);
  Kernel through = product(linear.name + " adapter B input gradient", shapes, rows, rank, adapter.out);
  through.written += other_ranks;
  tape.run(std::move(through));
  Kernel b = product(linear.name + " adapter B weight gradient", shapes, adapter.out, rank, rows);
  b.read += other_ranks;
  accumulate(shapes, std::move(b), adapter.out * rank, tape);
  accumulate(shapes, product(linear.name + " adapter A weight gradient", shapes, narrow, linear.in, rows),
             narrow * linear.in, tape);
  Kernel in = product(linear.name + " adapter A input gradient", shapes, rows, linear.in, narrow);
  in.read += in.written;
  tape.run(std::move(in));
  tape.adapter_gradients_ready(rank * (adapter.count * linear.in + adapter.out));
}

Bytes adapter_kept(const Shapes& shapes, const Linear& linear) {
  return shapes.bytes(rows_of(shapes, linear) * linear.adapter.count * shapes.adapters.rank);
}

}  // namespace orrery::decoder
