// The ends of a language model: a table of words before the layers, a last norm and logits of every word after them.
//
// Keys of a model file: vocab, tied_embeddings (one table for both).
#include "workloads/decoder/embedding.h"
#include "workloads/decoder/ends/ends.h"
#include "workloads/decoder/head.h"
#include "workloads/decoder/residual.h"

namespace orrery::decoder {
namespace {

using step::TapeWriter;

void read_language(yaml::Map& map, DecoderModel& model) {
  model.vocab = map.required("vocab").integer(1, kMostWidth);
  model.tied_embeddings = map.required("tied_embeddings").boolean();
}

Int128 language_parameters(const DecoderModel& model) {
  Int128 sum = Int128{model.hidden} * model.vocab * (model.tied_embeddings ? 1 : 2) + model.norm_weights();
  if (model.position == PositionKind::kLearned) sum += Int128{model.hidden} * model.positions;
  return sum;
}

Weights language_first_weights(const Shapes& shapes) {
  const bool learned = shapes.model.position == PositionKind::kLearned;
  return {.split = shapes.vocab * shapes.hidden, .replicated = learned ? shapes.model.positions * shapes.hidden : 0};
}

Weights language_last_weights(const Shapes& shapes, bool shares_weight) {
  return {.split = shares_weight ? 0 : shapes.vocab * shapes.hidden, .replicated = norm_weights(shapes)};
}

void language_first_backward(const Shapes& shapes, TapeWriter& tape) { embedding_backward(shapes, tape); }

Bytes language_first_kept(const Shapes& shapes) {  // dropout's mask
  return Bytes(shapes.model.dropout ? shapes.shard * shapes.hidden : 0);
}

// The inputs of the norm and of the logits; the logits.
Bytes language_last_kept(const Shapes& shapes) {
  return shapes.bytes(2 * shapes.shard * shapes.hidden) + Bytes(shapes.tokens * shapes.vocab * kFp32Bytes);
}

// Logits in the precision of products, forward and, as gradients, backward.
Bytes language_last_buffers(const Shapes& shapes) { return shapes.bytes(2 * shapes.tokens * shapes.vocab); }

const EndKinds::Entry kLanguage{{"language", "a table of words first, logits of every token last", &read_language,
                                 &language_parameters, &language_first_weights, &language_last_weights,
                                 &embedding_forward, &language_first_backward, &head_forward, &head_backward,
                                 &language_first_kept, &language_last_kept, &language_last_buffers, &nothing_carried}};

}  // namespace
}  // namespace orrery::decoder
