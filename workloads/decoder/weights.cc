// Counts weights as Megatron-LM splits them.
#include "workloads/decoder/weights.h"

#include "workloads/decoder/residual.h"

namespace orrery::decoder {

Weights& Weights::operator+=(const Weights& other) {
  split += other.split;
  products += other.products;
  replicated += other.replicated;
  return *this;
}

Weights layer_weights(const Shapes& shapes) {
  const std::int64_t bias = shapes.model.biases ? 1 : 0;
  Weights weights;
  weights.products = shapes.hidden * (shapes.qkv_width + shapes.query_width + shapes.ffn_in + shapes.ffn);
  weights.split = weights.products + bias * (shapes.qkv_width + shapes.ffn_in);
  weights.replicated = 2 * norm_weights(shapes) + bias * 2 * shapes.hidden;
  return weights;
}

Bytes stored_bytes(const Shapes& shapes, const Weights& weights) {
  if (!shapes.stack.fp8_weights) return shapes.bytes(weights.all());
  return shapes.bytes(weights.all() - weights.products) + Bytes(weights.products * kFp8Bytes);
}

Bytes cast_bytes(const Shapes& shapes, const Weights& weights) {
  if (!shapes.stack.fp8_products) return Bytes(0);
  return Bytes(weights.products * kFp8Bytes * (shapes.stack.fp8_weights ? 1 : 2));
}

Weights chunk_weights(const Shapes& shapes, const Chunk& chunk) {
  const Weights layer = layer_weights(shapes);
  Weights weights{chunk.layers * layer.split, chunk.layers * layer.products, chunk.layers * layer.replicated};
  const std::int64_t table = shapes.vocab * shapes.hidden;
  if (chunk.embeds) {
    weights.split += table;
    if (shapes.model.position == PositionKind::kLearned) weights.replicated += shapes.model.positions * shapes.hidden;
  }
  if (chunk.ends) {
    if (!chunk.shares_weight) weights.split += table;
    weights.replicated += norm_weights(shapes);
  }
  return weights;
}

}  // namespace orrery::decoder
