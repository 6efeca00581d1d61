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

namespace {

// Those that linear parts read, in a format of their own.
Bytes products_in(const Shapes& shapes, const Format& format, const Weights& weights) {
  return shapes.bytes(weights.all() - weights.products) + format.weight_bytes(weights.products);
}

// A and B of a linear layer, of a rank.
std::int64_t elements_of_a(const Shapes& shapes, const Linear& linear) {
  return linear.adapter.count * linear.in * shapes.adapters.rank;
}
std::int64_t elements_of_b(const Shapes& shapes, const Linear& linear) {
  return linear.adapter.out * shapes.adapters.rank;
}

}  // namespace

Weights layer_adapters(const Shapes& shapes, std::string_view layer) {
  Weights weights;
  if (!shapes.frozen()) return weights;
  for (const Linear& linear : layer_linears(shapes, layer)) {
    const std::int64_t a = elements_of_a(shapes, linear);
    const std::int64_t b = elements_of_b(shapes, linear);
    weights.split += linear.adapter.by_rows ? a : b;
    weights.replicated += linear.adapter.by_rows ? b : a;
  }
  return weights;
}

Weights chunk_adapters(const Shapes& shapes, const Chunk& chunk) {
  Weights weights;
  for (const std::string_view layer : chunk.layers) weights += layer_adapters(shapes, layer);
  return weights;
}

Weights trained_weights(const Shapes& shapes, const Chunk& chunk) {
  return shapes.frozen() ? chunk_adapters(shapes, chunk) : chunk_weights(shapes, chunk);
}

std::vector<WeightShape> trained_weight_shapes(const Shapes& shapes, const Chunk& chunk) {
  if (!shapes.frozen()) return chunk_weight_shapes(shapes, chunk);
  std::vector<WeightShape> found;
  for (const std::string_view layer : chunk.layers) {
    for (const Linear& linear : layer_linears(shapes, layer)) {
      if (linear.adapter.count == 0) continue;
      found.push_back({WeightKind::kMatrix, linear.in, shapes.adapters.rank, linear.adapter.count, false});
      found.push_back({WeightKind::kMatrix, shapes.adapters.rank, linear.adapter.out, 1, false});
    }
  }
  return found;
}

Bytes stored_bytes(const Shapes& shapes, const Weights& weights) {
  if (shapes.adapters.nf4) return products_in(shapes, *find_format("nf4"), weights);
  return shapes.stack.fp8_weights ? products_in(shapes, shapes.stack.operands, weights) : shapes.bytes(weights.all());
}

Bytes gathered_bytes(const Shapes& shapes, const Weights& weights) {
  const std::optional<Format>& wire = shapes.stack.roles.weights;
  return wire ? products_in(shapes, *wire, weights) : stored_bytes(shapes, weights);
}

Bytes cast_bytes(const Shapes& shapes, const Weights& weights) {
  if (!shapes.stack.fp8_products) return Bytes(0);
  return shapes.stack.operands.weight_bytes(weights.products) * (shapes.stack.fp8_weights ? 1 : 2);
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

namespace {

void add_vectors(const Shapes& shapes, std::int64_t elements, bool experts, std::vector<WeightShape>& found) {
  const std::int64_t whole = elements / shapes.hidden;
  const std::int64_t rest = elements % shapes.hidden;
  if (whole > 0) found.push_back({WeightKind::kVector, 1, shapes.hidden, whole, experts});
  if (rest > 0) found.push_back({WeightKind::kVector, 1, rest, 1, experts});
}

// `weights`: all that these linear layers and what stands beside them hold.
void add_linears(const Shapes& shapes, const std::vector<Linear>& linears, const Weights& weights,
                 std::vector<WeightShape>& found) {
  std::int64_t shared = weights.shared();
  std::int64_t experts = weights.experts;
  for (const Linear& linear : linears) {
    found.push_back({WeightKind::kMatrix, linear.in, linear.out, linear.batch, linear.experts});
    (linear.experts ? experts : shared) -= found.back().elements();
  }
  add_vectors(shapes, shared, false, found);
  add_vectors(shapes, experts, true, found);
}

}  // namespace

std::vector<WeightShape> chunk_weight_shapes(const Shapes& shapes, const Chunk& chunk) {
  std::vector<WeightShape> found;
  const auto add_layer = [&](std::string_view layer) {
    add_linears(shapes, layer_linears(shapes, layer), layer_weights(shapes, layer), found);
  };
  for (const std::string_view layer : chunk.layers) add_layer(layer);
  if (chunk.ends) {
    for (std::int64_t p = 0; p < shapes.model.predicted; ++p)
      add_linears(
          shapes,
          [&] {
            std::vector<Linear> linears = layer_linears(shapes, predicting_layer(shapes));
            linears.push_back(joining_linear(shapes));
            return linears;
          }(),
          prediction_weights(shapes), found);
  }
  const auto add_table = [&](std::int64_t rows) {
    found.push_back({WeightKind::kTable, rows, shapes.hidden, 1, false});
  };
  const Weights ends = end_weights(shapes, chunk);
  const std::int64_t words = shapes.vocab * shapes.hidden;
  std::int64_t left = ends.split;
  for (; words > 0 && left >= words; left -= words) add_table(shapes.vocab);
  add_vectors(shapes, left, false, found);  // biases of words
  if (copies_table(shapes, chunk)) add_table(shapes.vocab);
  std::int64_t replicated = ends.replicated;
  if (chunk.embeds && shapes.model.position == PositionKind::kLearned) {
    add_table(shapes.model.positions);
    replicated -= shapes.model.positions * shapes.hidden;
  }
  add_vectors(shapes, replicated, false, found);
  return found;
}

}  // namespace orrery::decoder
