// Counts activations tensor by tensor.
//
// Source: Korthikanti et al. 2022 (arXiv 2205.05198), section 4, tensor by tensor rather than as its closed form, so
// that grouped queries, gated MLPs and models without dropout follow from the same list.
#include "workloads/decoder/activations.h"

#include <algorithm>

#include "workloads/decoder/ends/ends.h"
#include "workloads/decoder/offloading.h"
#include "workloads/decoder/prediction.h"
#include "workloads/decoder/sublayer.h"

namespace orrery::decoder {
namespace {

// Of one layer: what recomputation brings back while its backward pass runs, and what comes and goes besides.
Bytes layer_buffers(const Shapes& shapes, std::string_view layer) {
  Bytes again;
  Bytes passing;
  if (shapes.recompute == Recompute::kFull) again = layer_activations(shapes, layer, Recompute::kNone);
  for (const char symbol : layer) {
    const SubLayer& kind = sublayer(symbol);
    if (shapes.recompute == Recompute::kSelective) again = std::max(again, kind.formed_again(shapes));
    passing = std::max(passing, kind.buffers(shapes));
  }
  return again + passing;
}

Bytes layer_weight_operands(const Shapes& shapes, std::string_view layer) {
  Bytes bytes;
  for (const Linear& linear : layer_linears(shapes, layer)) bytes += weight_operands(shapes, linear);
  return bytes;
}

}  // namespace

Bytes layer_activations(const Shapes& shapes, std::string_view layer, Recompute recompute) {
  if (recompute == Recompute::kFull)
    return shapes.bytes(stream_of(shapes, layer).shard * shapes.hidden);  // the layer's input
  Bytes bytes;
  for (const char symbol : layer) {
    const SubLayer& kind = sublayer(symbol);
    bytes += kind.kept(shapes);
    if (recompute == Recompute::kSelective) bytes -= kind.formed_again(shapes);
  }
  return bytes;
}

Bytes chunk_activations(const Shapes& shapes, const Chunk& chunk) {
  const std::int64_t stream = shapes.shard * shapes.hidden;
  const Ends& ends = ends_of(shapes.model);
  Bytes bytes;
  for (const std::string_view layer : chunk.layers) bytes += layer_activations(shapes, layer, shapes.recompute);
  bytes -= offloaded_activations(shapes, chunk);
  if (chunk.embeds) bytes += ends.first_kept(shapes);
  // What an encoder made, for gradients of keys and values; with the ends it is theirs.
  const bool crosses = std::any_of(chunk.layers.begin(), chunk.layers.end(), [](std::string_view layer) {
    return layer.find(kCrossAttentionSymbol) != std::string_view::npos;
  });
  if (crosses && !chunk.ends) bytes += shapes.bytes(shapes.source->shard * shapes.hidden);
  if (!chunk.ends) return bytes;
  const Bytes head = ends.last_kept(shapes);
  bytes += head;
  for (std::int64_t p = 0; p < shapes.model.predicted; ++p)
    bytes += head + shapes.bytes(2 * stream) + layer_activations(shapes, predicting_layer(shapes), shapes.recompute);
  return bytes;
}

Bytes chunk_weight_operands(const Shapes& shapes, const Chunk& chunk) {
  Bytes bytes;
  for (const std::string_view layer : chunk.layers) bytes += layer_weight_operands(shapes, layer);
  if (chunk.embeds) bytes += shapes.hidden_bytes();
  if (!chunk.ends) return bytes;
  const Bytes head = shapes.hidden_bytes() + shapes.bytes(shapes.tokens * shapes.vocab);
  bytes += head;
  for (std::int64_t p = 0; p < shapes.model.predicted; ++p)
    bytes += head + shapes.hidden_bytes() + weight_operands(shapes, joining_linear(shapes)) +
             layer_weight_operands(shapes, predicting_layer(shapes));
  return bytes;
}

Bytes chunk_buffers(const Shapes& shapes, const Chunk& chunk) {
  Bytes layer;
  for (const std::string_view each : chunk.layers) layer = std::max(layer, layer_buffers(shapes, each));
  const Bytes head = chunk.ends ? ends_of(shapes.model).last_buffers(shapes) : Bytes(0);
  const Bytes gathered = shapes.sequence_parallel ? shapes.hidden_bytes() : Bytes(0);
  return std::max(layer, head) + gathered + offloading_buffers(shapes, chunk);
}

}  // namespace orrery::decoder
