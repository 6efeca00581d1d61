// Writes the tapes of a chunk, layer by layer.
#include "workloads/decoder/chunk.h"

#include <algorithm>
#include <utility>

#include "workloads/compute/kernel.h"
#include "workloads/decoder/embedding.h"
#include "workloads/decoder/ends/ends.h"
#include "workloads/decoder/gathering.h"
#include "workloads/decoder/head.h"
#include "workloads/decoder/offloading.h"
#include "workloads/decoder/prediction.h"
#include "workloads/decoder/sublayer.h"
#include "workloads/decoder/weights.h"
#include "workloads/layer_split.h"

namespace orrery::decoder {
namespace {

using step::TapeWriter;

// Without collectives to separate them, each layer still gets a segment of its own: traces show layers.
void begin_layer(const Shapes& shapes, std::int64_t layer, TapeWriter& tape) {
  if (shapes.tensor == 1 || tape.gradients() == step::Gradients::kWeights) tape.split();
  tape.layer(static_cast<std::int32_t>(layer));
}

void layer_forward(const Shapes& shapes, std::string_view layer, TapeWriter& tape) {
  for (const char symbol : layer) sublayer(symbol).forward(shapes, tape);
}

// A layer's weights, just gathered, for products in FP8.
void cast_layer(const Shapes& shapes, std::string_view layer, TapeWriter& tape) {
  if (!shapes.stack.fp8_products) return;
  const Weights weights = layer_weights(shapes, layer);
  tape.part("weights");
  tape.run(stream("cast weights", stored_bytes(shapes, {.split = weights.products, .products = weights.products}),
                  cast_bytes(shapes, weights)));
}

void layer_backward(const Shapes& shapes, std::string_view layer, TapeWriter& tape) {
  if (shapes.recompute == Recompute::kFull) {
    tape.phase(Phase::kRecompute);
    layer_forward(shapes, layer, tape);
    tape.phase(Phase::kBackward);
  }
  for (std::size_t i = layer.size(); i-- > 0;) sublayer(layer[i]).backward(shapes, tape);
}

}  // namespace

Chunk chunk_of(const Shapes& shapes, const Plan& plan, std::int64_t stage, std::int64_t index) {
  Chunk chunk;
  const ChunkPlace place = chunk_place(plan, stage, index);
  const LayerRange range = chunk_layers(shapes.model, plan, stage, index);
  chunk.layers.reserve(static_cast<std::size_t>(range.count));
  for (std::int64_t i = 0; i < range.count; ++i) chunk.layers.push_back(shapes.model.layer(range.first + i));
  chunk.embeds = place.first();
  chunk.ends = place.last();
  // Both ends may stand on one rank, in one chunk or in two: that of a single stage, or where a way comes back to it.
  for (std::int64_t other = 0; other < plan.chunks(); ++other)
    if (chunk.ends && chunk_place(plan, stage, other).first()) chunk.shares_weight = shapes.model.tied_embeddings;
  return chunk;
}

step::Tape forward(const Shapes& shapes, const Chunk& chunk, Gathers gathers, const std::vector<WeightUnit>& following,
                   step::Draft& draft) {
  TapeWriter tape(draft);
  tape.phase(Phase::kForward);
  Gathering gathering(gathers, weight_units(shapes, chunk, gathers), following, tape);
  Offloading offloading(shapes, chunk, draft, tape);
  if (chunk.embeds) {
    gathering.enter();
    ends_of(shapes.model).first_forward(shapes, tape);
  }
  for (std::size_t layer = 0; layer < chunk.layers.size(); ++layer) {
    begin_layer(shapes, static_cast<std::int64_t>(layer), tape);
    gathering.enter();
    offloading.begin_forward(layer);
    if (gathers == Gathers::kAhead) cast_layer(shapes, chunk.layers[layer], tape);
    layer_forward(shapes, chunk.layers[layer], tape);
    offloading.end_forward(layer);
  }
  begin_layer(shapes, -1, tape);
  if (chunk.ends) {
    gathering.enter();
    ends_of(shapes.model).last_forward(shapes, chunk.shares_weight, tape);
    for (std::int64_t p = 0; p < shapes.model.predicted; ++p) {
      gathering.enter();
      join_next_token_forward(shapes, tape);
      layer_forward(shapes, predicting_layer(shapes), tape);
      head_forward(shapes, true, tape);
    }
  }
  return tape.finish();
}

step::Tape infer(const Shapes& shapes, const Chunk& chunk, step::Draft& draft) {
  TapeWriter tape(draft);
  tape.phase(Phase::kForward);
  embedding_forward(shapes, tape);
  for (std::size_t layer = 0; layer < chunk.layers.size(); ++layer) {
    begin_layer(shapes, static_cast<std::int64_t>(layer), tape);
    layer_forward(shapes, chunk.layers[layer], tape);
  }
  begin_layer(shapes, -1, tape);
  next_token(shapes, tape);
  return tape.finish();
}

step::Tape backward(const Shapes& shapes, const Chunk& chunk, Gathers gathers, std::optional<step::Buckets> buckets,
                    step::Gradients gradients, step::Draft& draft) {
  TapeWriter tape(draft, buckets, gradients);
  tape.phase(Phase::kBackward);
  std::vector<WeightUnit> units = weight_units(shapes, chunk, gathers);
  std::reverse(units.begin(), units.end());
  if (chunk.embeds) units.pop_back();  // a table's gradient needs no table
  Gathering gathering(gathers, std::move(units), {}, tape);
  Offloading offloading(shapes, chunk, draft, tape);
  offloading.begin_backward();
  if (chunk.ends) {
    for (std::int64_t p = 0; p < shapes.model.predicted; ++p) {
      gathering.enter();
      head_backward(shapes, true, tape);
      layer_backward(shapes, predicting_layer(shapes), tape);
      join_next_token_backward(shapes, copies_table(shapes, chunk) && p + 1 == shapes.model.predicted, tape);
    }
    gathering.enter();
    ends_of(shapes.model).last_backward(shapes, chunk.shares_weight, tape);
    if (gathers == Gathers::kAhead) tape.flush_buckets();
  }
  for (std::size_t layer = chunk.layers.size(); layer-- > 0;) {
    begin_layer(shapes, static_cast<std::int64_t>(layer), tape);
    gathering.enter();
    offloading.begin_backward(layer);
    if (gathers == Gathers::kAhead) cast_layer(shapes, chunk.layers[layer], tape);
    layer_backward(shapes, chunk.layers[layer], tape);
    if (gathers == Gathers::kAhead) tape.flush_buckets();
  }
  begin_layer(shapes, -1, tape);
  if (chunk.embeds && !shapes.frozen()) ends_of(shapes.model).first_backward(shapes, tape);
  tape.flush_buckets();
  return tape.finish();
}

}  // namespace orrery::decoder
