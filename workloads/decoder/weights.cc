// Counts weights as Megatron-LM splits them.
#include "workloads/decoder/weights.h"

#include "workloads/decoder/chunk.h"
#include "workloads/decoder/ends/ends.h"
#include "workloads/decoder/prediction.h"
#include "workloads/decoder/sublayer.h"

namespace orrery::decoder {

Weights& Weights::operator+=(const Weights& other) {
  split += other.split;
  products += other.products;
  replicated += other.replicated;
  experts += other.experts;
  return *this;
}

// FP8 products read all that experts hold.
Weights Weights::only_experts() const { return {.products = experts, .experts = experts}; }
Weights Weights::without_experts() const {
  return {.split = split, .products = products - experts, .replicated = replicated};
}

Weights layer_weights(const Shapes& shapes, std::string_view layer) {
  Weights weights;
  for (const char symbol : layer) weights += sublayer(symbol).weights(shapes);
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

Weights end_weights(const Shapes& shapes, const Chunk& chunk) {
  Weights weights;
  const Ends& ends = ends_of(shapes.model);
  if (chunk.embeds) weights += ends.first_weights(shapes);
  if (chunk.ends) weights += ends.last_weights(shapes, chunk.shares_weight);
  return weights;
}

bool copies_table(const Shapes& shapes, const Chunk& chunk) {
  return chunk.ends && shapes.model.predicted > 0 && !chunk.embeds && !shapes.model.tied_embeddings;
}

Weights chunk_weights(const Shapes& shapes, const Chunk& chunk) {
  Weights weights = end_weights(shapes, chunk);
  for (const std::string_view layer : chunk.layers) weights += layer_weights(shapes, layer);
  if (!chunk.ends) return weights;
  for (std::int64_t p = 0; p < shapes.model.predicted; ++p) weights += prediction_weights(shapes);
  if (copies_table(shapes, chunk)) weights.split += shapes.vocab * shapes.hidden;
  return weights;
}

}  // namespace orrery::decoder
