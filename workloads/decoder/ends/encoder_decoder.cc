// The ends of an encoder with a decoder: one table of words for both, the encoder's last norm, a language model's head.
//
// Law. Both sequences are embedded on the first stage and travel together from stage to stage: before the decoder
// begins, the source as far as the encoder got with it and the decoder's rows as they were embedded; then what the
// encoder made, and the decoder's rows. Gradients come back alike. The encoder's last norm is run, and its weights
// held, with the head.
//
// Keys of a model file: vocab, tied_embeddings (one table for the head as well).
//
// Source: Raffel et al. 2019 (arXiv 1910.10683), T5.
#include "workloads/decoder/embedding.h"
#include "workloads/decoder/ends/ends.h"
#include "workloads/decoder/head.h"
#include "workloads/decoder/residual.h"

namespace orrery::decoder {
namespace {

using step::TapeWriter;

const Ends& language() { return *EndKinds::find("language"); }

void read_encoder_decoder(yaml::Map& map, DecoderModel& model) { language().read(map, model); }

Int128 encoder_decoder_parameters(const DecoderModel& model) {
  return language().parameters(model) + model.norm_weights();
}

Weights encoder_decoder_first_weights(const Shapes& shapes) { return language().first_weights(shapes); }

Weights encoder_decoder_last_weights(const Shapes& shapes, bool shares_weight) {
  Weights weights = language().last_weights(shapes, shares_weight);
  weights.replicated += norm_weights(shapes);
  return weights;
}

void encoder_decoder_first_forward(const Shapes& shapes, TapeWriter& tape) {
  embedding_forward(*shapes.source, tape);
  embedding_forward(shapes, tape);
}

void encoder_decoder_first_backward(const Shapes& shapes, TapeWriter& tape) {
  embedding_backward(shapes, tape, false);
  embedding_backward(*shapes.source, tape);
}

void encoder_decoder_last_forward(const Shapes& shapes, bool shares_weight, TapeWriter& tape) {
  tape.part("encoder norm");
  norm_forward(*shapes.source, shapes.element, tape);
  head_forward(shapes, shares_weight, tape);
}

void encoder_decoder_last_backward(const Shapes& shapes, bool shares_weight, TapeWriter& tape) {
  head_backward(shapes, shares_weight, tape);
  tape.part("encoder norm");
  norm_backward(*shapes.source, false, tape);
}

Bytes encoder_decoder_first_kept(const Shapes& shapes) {
  return language().first_kept(shapes) + language().first_kept(*shapes.source);
}

// What the encoder made, before and after its norm.
Bytes encoder_decoder_last_kept(const Shapes& shapes) {
  return language().last_kept(shapes) + shapes.bytes(2 * shapes.source->shard * shapes.hidden);
}

Bytes encoder_decoder_last_buffers(const Shapes& shapes) { return language().last_buffers(shapes); }

std::int64_t source_rows(const Shapes& shapes) { return shapes.source->shard * shapes.hidden; }

const EndKinds::Entry kEncoderDecoder{
    {"encoder_decoder", "words of a source and of what is made of it first; logits of every token of the latter last",
     &read_encoder_decoder, &encoder_decoder_parameters, &encoder_decoder_first_weights, &encoder_decoder_last_weights,
     &encoder_decoder_first_forward, &encoder_decoder_first_backward, &encoder_decoder_last_forward,
     &encoder_decoder_last_backward, &encoder_decoder_first_kept, &encoder_decoder_last_kept,
     &encoder_decoder_last_buffers, &source_rows}};

}  // namespace
}  // namespace orrery::decoder
