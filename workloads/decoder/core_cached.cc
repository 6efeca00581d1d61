// Attention of new tokens to a cache of keys and values, as decoding does it: what it reads counts, not what it
// computes.
//
// Law. New tokens write their keys and values and read those of all tokens so far, once for all heads that share them;
// a cache is cut into stretches of kStretch tokens, so that few sequences still fill all cores. A group of heads that
// share keys are the rows of one product. Latent attention reads the latent and the positions' key, one row a token for
// all heads, and works in the latent's width (the products that widen it are applied to queries and outputs instead):
// keys of c + r columns, values of c. With kStretch new tokens or more it is formed whole, as in training.
//
// Sources: Dao et al. 2023, Flash-Decoding; DeepSeek-AI 2024 (arXiv 2405.04434), section 2.1.2.
#include <algorithm>

#include "workloads/decoder/core.h"
#include "workloads/decoder/kernels.h"

namespace orrery::decoder {
namespace {

using step::TapeWriter;

constexpr std::int64_t kStretch = 256;

// What a token's keys and values are worked on as: how many rows, and how wide.
struct WorkedRow {
  std::int64_t heads = 1;
  std::int64_t key = 1;
  std::int64_t value = 1;
};

// Few new tokens meet a latent as it is; for many, keys and values are formed first, as in training.
WorkedRow row_of(const Shapes& shapes) {
  const auto& latent = shapes.model.latent;
  if (latent && shapes.sequence < kStretch) return {1, latent->kv + latent->rope, latent->kv};
  return {shapes.kv_heads, shapes.head_dim, shapes.value_dim};
}

// Tokens that the new ones of a sequence meet, all together: those before them that their window shows, and themselves.
double tokens_met(const Shapes& shapes) {
  const auto fresh = static_cast<double>(shapes.sequence);
  const auto cached = static_cast<double>(shapes.cache->tokens);
  const auto window = static_cast<double>(shapes.window);
  const double all = shapes.window > 0 ? std::clamp(window - cached, 0.0, fresh) : fresh;  // that meet all before them
  return all * (cached + (all + 1) / 2) + (fresh - all) * window;
}

}  // namespace

Bytes cache_bytes(const Shapes& shapes, std::int64_t tokens) {
  const auto& latent = shapes.model.latent;
  const std::int64_t columns =
      latent ? latent->kv + latent->rope : shapes.kv_heads * (shapes.head_dim + shapes.value_dim);
  const std::int64_t held = shapes.window > 0 ? std::min(tokens, shapes.window) : tokens;
  return Bytes(shapes.sequences * held * columns * shapes.cache->bits / 8);
}

void cached_forward(const Shapes& shapes, TapeWriter& tape) {
  const WorkedRow row = row_of(shapes);
  const std::int64_t fresh = shapes.sequence;
  std::int64_t keys = shapes.cache->tokens + fresh;
  if (shapes.window > 0) keys = std::min(keys, shapes.window + fresh - 1);
  tape.run(stream("write cache", cache_bytes(shapes, fresh), cache_bytes(shapes, fresh)));
  const std::int64_t stretches = fresh < kStretch ? (keys + kStretch - 1) / kStretch : 1;
  Kernel kernel;
  kernel.name = fresh == 1 ? "decode attention" : "prefill attention";
  kernel.kind = KernelKind::kFlashAttention;
  kernel.generation = shapes.stack.flash;
  kernel.precision = shapes.stack.compute;
  kernel.batch = shapes.sequences * row.heads * stretches;
  kernel.m = shapes.heads / row.heads * fresh;
  kernel.k = keys / stretches;
  kernel.n = row.key;
  const double met = static_cast<double>(shapes.sequences) * static_cast<double>(shapes.heads) * tokens_met(shapes);
  kernel.model_flops = FlopCount(2 * met * static_cast<double>(shapes.head_dim + shapes.value_dim));
  kernel.hardware_flops = FlopCount(2 * met * static_cast<double>(row.key + row.value));
  kernel.read = cache_bytes(shapes, keys) + shapes.bytes(shapes.tokens * shapes.query_width);
  kernel.written = shapes.bytes(shapes.tokens * shapes.output_width);
  tape.run(kernel);
}

}  // namespace orrery::decoder
