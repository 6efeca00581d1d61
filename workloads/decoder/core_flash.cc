// Attention in one kernel each way, whose scores never reach memory.
//
// Source: Dao 2023 (arXiv 2307.08691). Forward reads queries, keys and values and writes the output with one fp32
// number a row (the logarithm of its sum); backward first sums output × its gradient along rows, then forms the scores
// again: five products against the forward pass's two.
#include "workloads/decoder/core.h"
#include "workloads/decoder/kernels.h"

namespace orrery::decoder {
namespace {

using step::TapeWriter;

constexpr std::int64_t kStatistic = 4;  // bytes of a row's number

// `products` of s×s×head_dim a head are executed, of which the model needs `needed`.
Kernel flash(const char* name, const Shapes& shapes, double products, double needed) {
  Kernel kernel;
  kernel.name = name;
  kernel.kind = KernelKind::kFlashAttention;
  kernel.precision = shapes.stack.compute;
  kernel.batch = shapes.sequences * shapes.heads;
  kernel.m = shapes.sequence;
  kernel.k = shapes.sequence;
  kernel.n = shapes.head_dim;
  const auto s = static_cast<double>(shapes.sequence);
  const double square = 2.0 * static_cast<double>(kernel.batch) * s * s * static_cast<double>(shapes.head_dim);
  kernel.model_flops = FlopCount(needed * square);
  kernel.hardware_flops = FlopCount(products * square * (shapes.stack.causal_skip ? (s + 1) / (2 * s) : 1.0));
  return kernel;
}

}  // namespace

void flash_forward(const Shapes& shapes, TapeWriter& tape) {
  Kernel kernel = flash("flash attention", shapes, 2, 2);
  kernel.read = shapes.bytes(shapes.tokens * shapes.qkv_width);
  kernel.written = shapes.bytes(shapes.tokens * shapes.query_width) + Bytes(shapes.tokens * shapes.heads * kStatistic);
  tape.run(kernel);
}

void flash_backward(const Shapes& shapes, TapeWriter& tape) {
  const Bytes queries = shapes.bytes(shapes.tokens * shapes.query_width);
  const Bytes qkv = shapes.bytes(shapes.tokens * shapes.qkv_width);
  const Bytes rows(shapes.tokens * shapes.heads * kStatistic);
  tape.run(stream("flash attention row sums", queries * 2, rows));
  Kernel kernel = flash("flash attention gradient", shapes, 5, 4);
  kernel.read = qkv + queries + rows * 2;
  kernel.written = qkv;
  tape.run(kernel);
}

}  // namespace orrery::decoder
