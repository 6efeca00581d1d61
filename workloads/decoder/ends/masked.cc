// The ends of a model that guesses masked tokens: BERT's embedding, its two heads and their losses.
//
// Law. Before the layers: words, positions and token types are summed and normalised. After them: the rows of masked
// tokens (a share of each sequence, rounded up) go through a product h × h, GELU, a norm and the logits, whose weight
// is the table of words; the first row of each sequence through a product h × h, tanh and a product to two classes. The
// layers' norms stand before their sub-layers here, after them in BERT: as many, of the same size. Tensor ranks split
// the words' table and hold the rest in common.
//
// Keys of a model file: vocab, masked_share (0.15 when absent), token_types (2 when absent).
//
// Source: Devlin et al. 2018 (arXiv 1810.04805); Hugging Face's BertForPreTraining; Megatron-LM's BertLMHead.
#include <cmath>

#include "workloads/decoder/embedding.h"
#include "workloads/decoder/ends/ends.h"
#include "workloads/decoder/ends/rows.h"
#include "workloads/decoder/head.h"
#include "workloads/decoder/kernels.h"
#include "workloads/decoder/residual.h"

namespace orrery::decoder {
namespace {

using step::Stream;
using step::TapeWriter;

constexpr std::int64_t kFollows = 2;  // classes: whether the second sentence follows the first

void read_masked(yaml::Map& map, DecoderModel& model) {
  model.vocab = map.required("vocab").integer(1, kMostWidth);
  model.tied_embeddings = true;
  model.masked_share = 0.15;
  model.token_types = 2;
  if (const auto share = map.optional("masked_share")) model.masked_share = share->number(0, 1);
  if (const auto types = map.optional("token_types")) model.token_types = types->integer(0, kMostWidth);
}

Int128 masked_parameters(const DecoderModel& model) {
  const Int128 h = model.hidden;
  const Int128 square = h * h + h;
  const Int128 first =
      h * (model.vocab + model.token_types) + (model.position == PositionKind::kLearned ? h * model.positions : 0);
  return first + Int128{2} * model.norm_weights() + 2 * square + model.vocab + kFollows * (h + 1);
}

// Rows that are guessed on this rank, of each of its sequences a share of its own tokens.
Shapes guessed(const Shapes& shapes) {
  const double each = std::ceil(shapes.model.masked_share * static_cast<double>(shapes.own));
  return only_rows(shapes, shapes.sequences * static_cast<std::int64_t>(each));
}

Linear transform(const Shapes& shapes, const Shapes& rows) {
  return common_product(shapes, "transform", shapes.hidden, shapes.hidden, rows.tokens);
}
Linear words(const Shapes& shapes, bool shares_weight) {
  return {.name = "logits",
          .in = shapes.hidden,
          .out = shapes.vocab,
          .bias = true,
          .flop_share = shapes.vocab_share / static_cast<double>(shapes.vocab),
          .gradient_final = !shares_weight};
}
Linear pooler(const Shapes& shapes) {
  return common_product(shapes, "pooler", shapes.hidden, shapes.hidden, shapes.sequences, shapes.context);
}
Linear follows(const Shapes& shapes) {
  return common_product(shapes, "next sentence", shapes.hidden, kFollows, shapes.sequences, shapes.context);
}

Weights masked_first_weights(const Shapes& shapes) {
  std::int64_t rows = shapes.model.token_types;
  if (shapes.model.position == PositionKind::kLearned) rows += shapes.model.positions;
  return {.split = shapes.vocab * shapes.hidden, .replicated = rows * shapes.hidden + norm_weights(shapes)};
}

Weights masked_last_weights(const Shapes& shapes, bool shares_weight) {
  const std::int64_t square = shapes.hidden * shapes.hidden + shapes.hidden;
  return {.split = (shares_weight ? 0 : shapes.vocab * shapes.hidden) + shapes.vocab,
          .replicated = 2 * square + norm_weights(shapes) + kFollows * (shapes.hidden + 1)};
}

void masked_first_forward(const Shapes& shapes, TapeWriter& tape) {
  embedding_forward(shapes, tape);
  const std::int64_t stream = shapes.shard * shapes.hidden;
  if (shapes.model.token_types > 0) tape.run(pass_over("token type add", stream, 2 * shapes.element, shapes.element));
  norm_forward(shapes, shapes.element, tape);
}

void masked_first_backward(const Shapes& shapes, TapeWriter& tape) {
  tape.part("embedding");
  norm_backward(shapes, false, tape);
  if (shapes.model.token_types > 0) {
    tape.run(pass_over("token type gradient", shapes.shard * shapes.hidden, shapes.element, 0));
    tape.gradients_ready(shapes.model.token_types * shapes.hidden);
  }
  embedding_backward(shapes, tape);
}

void masked_last_forward(const Shapes& shapes, bool shares_weight, TapeWriter& tape) {
  const Shapes rows = guessed(shapes);
  const std::int64_t elements = rows.tokens * shapes.hidden;
  const std::int64_t e = shapes.element;
  tape.part("head");
  if (shapes.sequence_parallel)
    tape.wait(tape.collective(Stream::kTensor, CollectiveKind::kAllGather, tape.groups().tensor, shapes.hidden_bytes(),
                              "rows of the head"));
  tape.run(pass_over("pick masked rows", elements, e, e));
  local_forward(rows, transform(shapes, rows), tape);
  tape.run(pass_over("bias and gelu", elements, e, e));
  norm_forward(rows, e, tape);
  column_forward(rows, words(shapes, shares_weight), tape);
  tape.part("loss");
  cross_entropy_forward(rows, tape);
  tape.part("next sentence");
  local_forward(shapes, pooler(shapes), tape);
  tape.run(pass_over("bias and tanh", shapes.sequences * shapes.hidden, e, e));
  local_forward(shapes, follows(shapes), tape);
}

void masked_last_backward(const Shapes& shapes, bool shares_weight, TapeWriter& tape) {
  const Shapes rows = guessed(shapes);
  const std::int64_t elements = rows.tokens * shapes.hidden;
  const std::int64_t e = shapes.element;
  tape.part("next sentence");
  local_backward(shapes, follows(shapes), tape);
  tape.run(pass_over("tanh gradient", shapes.sequences * shapes.hidden, 2 * e, e));
  local_backward(shapes, pooler(shapes), tape);
  tape.part("loss");
  cross_entropy_backward(rows, tape);
  tape.part("head");
  column_backward(rows, words(shapes, shares_weight), tape);
  if (shares_weight) tape.gradients_ready(shapes.vocab);  // the logits' biases, which the embedding doesn't share
  norm_backward(rows, false, tape);
  tape.run(pass_over("gelu gradient", elements, 2 * e, e));
  local_backward(rows, transform(shapes, rows), tape);
  tape.run(stream("spread masked rows", shapes.bytes(elements), shapes.hidden_bytes()));
}

Bytes masked_first_kept(const Shapes& shapes) {  // the norm's input, dropout's mask
  const std::int64_t stream = shapes.shard * shapes.hidden;
  return shapes.bytes(stream) + Bytes(shapes.model.dropout ? stream : 0);
}

// Of guessed rows what each of the transform, GELU, the norm and the logits reads, and the logits; of a row a sequence
// what the pooler and the classifier read.
Bytes masked_last_kept(const Shapes& shapes) {
  const Shapes rows = guessed(shapes);
  return shapes.bytes((4 * rows.tokens + 2 * shapes.sequences) * shapes.hidden) +
         Bytes(rows.tokens * shapes.vocab * kFp32Bytes);
}

Bytes masked_last_buffers(const Shapes& shapes) { return shapes.bytes(2 * guessed(shapes).tokens * shapes.vocab); }

const EndKinds::Entry kMasked{{"masked", "words, positions and token types first; masked words and next sentence last",
                               &read_masked, &masked_parameters, &masked_first_weights, &masked_last_weights,
                               &masked_first_forward, &masked_first_backward, &masked_last_forward,
                               &masked_last_backward, &masked_first_kept, &masked_last_kept, &masked_last_buffers,
                               &nothing_carried}};

}  // namespace
}  // namespace orrery::decoder
