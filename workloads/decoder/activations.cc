// Counts activations tensor by tensor.
//
// Source: Korthikanti et al. 2022 (arXiv 2205.05198), section 4, tensor by tensor rather than as its closed form, so
// that grouped queries, gated MLPs and models without dropout follow from the same list.
#include "workloads/decoder/activations.h"

#include <algorithm>

namespace orrery::decoder {
namespace {

// What full recomputation of a layer, and selective recomputation of its core, give back.
Bytes core_activations(const Shapes& shapes) {
  if (shapes.stack.attention == Attention::kFlash) return Bytes(shapes.tokens * shapes.heads * kFp32Bytes);  // row sums
  const std::int64_t scores = shapes.tokens * shapes.heads * shapes.sequence;
  if (!shapes.model.dropout) return shapes.bytes(scores);  // probabilities
  return shapes.bytes(2 * scores) + Bytes(scores);         // before dropout, after it, and its mask
}

// Flash attention's backward pass reads its output, which FP8 products read in a copy of their own.
Bytes kept_besides(const Shapes& shapes) {
  if (!shapes.stack.fp8_products || shapes.stack.attention != Attention::kFlash) return Bytes(0);
  return shapes.bytes(shapes.tokens * shapes.query_width);
}

// What a context group's exchanges hold besides: two shares of keys, values and both gradients, one in use and one
// under way; or all keys and values with their gradients; or the other layout of what is exchanged.
Bytes context_buffers(const Shapes& shapes) {
  if (shapes.context == 1) return Bytes(0);
  if (shapes.context_exchange == ContextExchange::kRing) return shapes.keys_and_values() * 4;
  if (shapes.context_exchange == ContextExchange::kAllGather) return shapes.keys_and_values() * (2 * shapes.context);
  return shapes.bytes(shapes.tokens * (shapes.qkv_width + shapes.query_width));
}

}  // namespace

Bytes layer_activations(const Shapes& shapes, Recompute recompute) {
  const std::int64_t stream = shapes.shard * shapes.hidden;
  if (recompute == Recompute::kFull) return shapes.bytes(stream);  // the layer's input
  const std::int64_t dropout = shapes.model.dropout ? 1 : 0;
  // Inputs of two norms and of the two products after them, and the masks of two dropouts.
  const Bytes rows =
      shapes.bytes(2 * stream) + Bytes(2 * stream * shapes.product_element) + Bytes(2 * dropout * stream);
  // Queries, keys, values; the projection's input; the MLP's activation before and after.
  const Bytes split = shapes.bytes(shapes.tokens * (shapes.qkv_width + shapes.ffn_in)) +
                      Bytes(shapes.tokens * (shapes.query_width + shapes.ffn) * shapes.product_element) +
                      kept_besides(shapes);
  return rows + split + (recompute == Recompute::kNone ? core_activations(shapes) : Bytes(0));
}

Bytes chunk_activations(const Shapes& shapes, const Chunk& chunk) {
  const std::int64_t stream = shapes.shard * shapes.hidden;
  Bytes bytes = layer_activations(shapes, shapes.recompute) * chunk.layers;
  if (chunk.embeds && shapes.model.dropout) bytes += Bytes(stream);
  if (chunk.ends) bytes += shapes.bytes(2 * stream) + Bytes(shapes.tokens * shapes.vocab * kFp32Bytes);
  return bytes;
}

Bytes chunk_buffers(const Shapes& shapes, const Chunk& chunk) {
  Bytes layer;
  if (shapes.recompute == Recompute::kFull) layer = layer_activations(shapes, Recompute::kNone);
  if (shapes.recompute == Recompute::kSelective) layer = core_activations(shapes);
  layer += shapes.bytes(2 * shapes.tokens * std::max(shapes.ffn_in, shapes.qkv_width));  // gradients in and out
  layer += context_buffers(shapes);
  // Logits in the precision of products, forward and, as gradients, backward.
  const Bytes head = chunk.ends ? shapes.bytes(2 * shapes.tokens * shapes.vocab) : Bytes(0);
  const Bytes gathered = shapes.sequence_parallel ? shapes.hidden_bytes() : Bytes(0);
  return std::max(layer, head) + gathered;
}

}  // namespace orrery::decoder
