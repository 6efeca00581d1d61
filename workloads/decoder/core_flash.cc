// Attention in one kernel each way, whose scores never reach memory.
//
// Source: Dao 2023 (arXiv 2307.08691). Forward reads queries, keys and values and writes the output with one fp32
// number a row (the logarithm of its sum); backward first sums output × its gradient along rows, then forms the scores
// again: five products against the forward pass's two.
#include "workloads/decoder/core.h"
#include "workloads/decoder/flash_block.h"

namespace orrery::decoder {
namespace {

using step::TapeWriter;

constexpr std::int64_t kStatistic = 4;  // bytes of a row's number
constexpr double kKeys = kFlashBlock;   // of a block

std::int64_t blocks(const Shapes& shapes, const FlashBlock& block) { return shapes.sequences * block.times; }

// Products of queries × keys × a width are executed, their widths `executed` together; the model needs `needed`.
Kernel flash(const char* name, const Shapes& shapes, const FlashBlock& block, std::int64_t executed,
             std::int64_t needed) {
  Kernel kernel;
  kernel.name = name;
  kernel.kind = KernelKind::kFlashAttention;
  kernel.precision = shapes.stack.compute;
  kernel.generation = shapes.stack.flash;
  kernel.batch = blocks(shapes, block) * block.heads;
  kernel.m = block.queries;
  kernel.k = block.keys_read;
  kernel.n = shapes.head_dim;
  const double square =
      2.0 * static_cast<double>(kernel.batch) * static_cast<double>(block.queries) * static_cast<double>(block.keys);
  kernel.model_flops = FlopCount(static_cast<double>(needed) * square);
  kernel.hardware_flops = FlopCount(static_cast<double>(executed) * square * block.share);
  const double met = static_cast<double>(block.keys) * block.share;  // by a query, on average
  kernel.scores = static_cast<double>(kernel.batch) * static_cast<double>(block.queries) * met;
  kernel.in_blocks = (met + block.edge) / met;
  return kernel;
}

// Bytes of a block's queries or outputs (and the gradients of either), of its keys and values, and of its rows'
// numbers.
Bytes query_bytes(const Shapes& shapes, const FlashBlock& block) {
  return shapes.bytes(blocks(shapes, block) * block.queries * block.heads * shapes.head_dim);
}
Bytes output_bytes(const Shapes& shapes, const FlashBlock& block) {
  return shapes.bytes(blocks(shapes, block) * block.queries * block.heads * shapes.value_dim);
}
Bytes key_value_bytes(const Shapes& shapes, const FlashBlock& block) {
  return shapes.bytes(blocks(shapes, block) * block.keys_read * block.kv_heads * (shapes.head_dim + shapes.value_dim));
}
Bytes row_bytes(const Shapes& shapes, const FlashBlock& block) {
  return Bytes(blocks(shapes, block) * block.queries * block.heads * kStatistic);
}

}  // namespace

FlashBlock whole_block(const Shapes& shapes, std::int64_t queries, std::int64_t keys) {
  const auto s = static_cast<double>(keys);
  return {.heads = shapes.heads,
          .kv_heads = shapes.kv_heads,
          .queries = queries,
          .keys = keys,
          .keys_read = keys,
          .share = shapes.skips_masked ? (s + 1) / (2 * s) : 1.0,
          .edge = shapes.skips_masked ? (kKeys - 1) / 2 : 0.0};
}

FlashBlock document_block(const Shapes& shapes) {
  FlashBlock block = whole_block(shapes, shapes.sequence / shapes.documents, shapes.keys / shapes.documents);
  block.times = shapes.documents;
  if (shapes.window > 0 && shapes.window < block.keys) {
    // Of s × w scores, w(w − 1)/2 are missing where a sequence begins.
    const auto w = static_cast<double>(shapes.window);
    const auto s = static_cast<double>(block.keys);
    block.share = shapes.skips_masked ? 1 - (w - 1) / (2 * s) : s / w;
    // A block of queries meets w ÷ kKeys + 1 blocks of keys, fewer where a sequence begins.
    if (shapes.skips_masked) block.edge = (w + kKeys) * (1 - w / (2 * s)) - w * block.share;
    block.keys = shapes.window;
  }
  return block;
}

Kernel flash_forward_kernel(const Shapes& shapes, const FlashBlock& block) {
  const std::int64_t widths = shapes.head_dim + shapes.value_dim;
  Kernel kernel = flash("flash attention", shapes, block, widths, widths);
  kernel.read = query_bytes(shapes, block) + key_value_bytes(shapes, block);
  kernel.written = output_bytes(shapes, block) + row_bytes(shapes, block);
  return kernel;
}

Kernel flash_backward_kernel(const Shapes& shapes, const FlashBlock& block) {
  const Bytes qkv = query_bytes(shapes, block) + key_value_bytes(shapes, block);
  const std::int64_t widths = 2 * (shapes.head_dim + shapes.value_dim);
  Kernel kernel = flash("flash attention gradient", shapes, block, widths + shapes.head_dim, widths);
  kernel.backward = true;
  kernel.read = qkv + output_bytes(shapes, block) + row_bytes(shapes, block) * 2;
  kernel.written = qkv;
  return kernel;
}

Kernel flash_row_sums(const Shapes& shapes, const FlashBlock& block) {
  return stream("flash attention row sums", output_bytes(shapes, block) * 2, row_bytes(shapes, block));
}

void flash_forward(const Shapes& shapes, TapeWriter& tape) {
  if (shapes.cache) return cached_forward(shapes, tape);
  if (shapes.context > 1) return context_forward(shapes, tape);
  tape.run(flash_forward_kernel(shapes, document_block(shapes)));
}

void flash_backward(const Shapes& shapes, TapeWriter& tape) {
  if (shapes.context > 1) return context_backward(shapes, tape);
  const FlashBlock block = document_block(shapes);
  tape.run(flash_row_sums(shapes, block));
  tape.run(flash_backward_kernel(shapes, block));
}

}  // namespace orrery::decoder
