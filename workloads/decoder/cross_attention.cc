// Attention of a decoder's tokens to what an encoder made of the source.
//
// Law. Queries are a product of the decoder's t rows, keys and values one of the source's s rows, which every such
// layer reads anew; each query meets all keys: 4·t·s·width FLOPs forward. Backward every layer adds its gradient of the
// source's rows to those of the layers after it. Tensor ranks split heads; under sequence parallelism the source's rows
// are gathered for each layer, as the decoder's are.
//
// Source: Vaswani et al. 2017 (arXiv 1706.03762), section 3.2.3; Megatron-LM's cross attention.
#include "workloads/decoder/core.h"
#include "workloads/decoder/kernels.h"
#include "workloads/decoder/linear.h"
#include "workloads/decoder/residual.h"
#include "workloads/decoder/sublayer.h"

namespace orrery::decoder {
namespace {

using step::TapeWriter;

// As the core sees them.
Shapes across(const Shapes& shapes) {
  Shapes cross = shapes;
  cross.keys = shapes.source->sequence;
  cross.skips_masked = false;
  cross.model.causal = false;
  return cross;
}

std::int64_t key_value_width(const Shapes& shapes) { return shapes.kv_heads * (shapes.head_dim + shapes.value_dim); }

Linear cross_queries(const Shapes& shapes) {
  return {.name = "cross queries",
          .in = shapes.hidden,
          .out = shapes.query_width,
          .fp8 = shapes.stack.fp8_products,
          .bias = shapes.model.biases};
}
Linear source_keys(const Shapes& shapes) {
  return {.name = "source keys and values",
          .in = shapes.hidden,
          .out = key_value_width(shapes),
          .rows = shapes.source->tokens,
          .fp8 = shapes.stack.fp8_products,
          .bias = shapes.model.biases};
}
Linear cross_output(const Shapes& shapes) {  // its bias belongs to the join
  return {.name = "cross attention output",
          .in = shapes.output_width,
          .out = shapes.hidden,
          .fp8 = shapes.stack.fp8_products};
}

void cross_forward(const Shapes& shapes, TapeWriter& tape) {
  tape.part("cross attention");
  norm_forward(shapes, shapes.product_element, tape);
  column_forward(shapes, cross_queries(shapes), tape);
  column_forward(*shapes.source, source_keys(shapes), tape);
  core_forward(across(shapes), tape);
  row_forward(shapes, cross_output(shapes), tape);
  join_forward(shapes, tape);
}

void cross_backward(const Shapes& shapes, TapeWriter& tape) {
  const Shapes cross = across(shapes);
  tape.part("cross attention");
  join_backward(shapes, tape);
  row_backward(shapes, cross_output(shapes), tape);
  tape.phase(Phase::kRecompute);
  if (shapes.again.core_attention) core_forward(cross, tape);
  tape.phase(Phase::kBackward);
  core_backward(cross, tape);
  column_backward(*shapes.source, source_keys(shapes), tape);
  tape.run(pass_over("add source gradient", shapes.source->shard * shapes.hidden, 2 * shapes.element, shapes.element));
  norm_again(shapes, cross_queries(shapes), tape);
  column_backward(shapes, cross_queries(shapes), tape);
  norm_backward(shapes, true, tape);
}

Weights cross_weights(const Shapes& shapes) {
  const std::int64_t bias = shapes.model.biases ? 1 : 0;
  const std::int64_t width = shapes.query_width + key_value_width(shapes);
  Weights weights;
  weights.products = shapes.hidden * (width + shapes.output_width);
  weights.split = weights.products + bias * width;
  weights.replicated = norm_weights(shapes) + bias * shapes.hidden;
  return weights;
}

// Queries; keys and values of the source; the projection's input; what the core keeps. The source's rows themselves are
// kept once (ends/encoder_decoder.cc).
Bytes cross_kept(const Shapes& shapes) {
  return kept_at_ends(shapes, cross_queries(shapes)) + shapes.bytes(shapes.tokens * shapes.query_width) +
         shapes.bytes(shapes.source->tokens * key_value_width(shapes)) + output_kept(shapes, cross_output(shapes)) +
         core_kept(across(shapes));
}

Bytes cross_formed_again(const Shapes& shapes) {
  return norm_formed_again(shapes, cross_queries(shapes)) +
         (shapes.again.core_attention ? core_kept(across(shapes)) : Bytes(0));
}

Bytes cross_buffers(const Shapes& shapes) {
  return shapes.bytes(2 * (shapes.tokens * shapes.query_width + shapes.source->tokens * key_value_width(shapes)));
}

std::vector<Linear> cross_linears(const Shapes& shapes) {
  return {cross_queries(shapes), source_keys(shapes), cross_output(shapes)};
}

const SubLayers::Entry kCrossAttention{{"cross_attention", "norm, attention to what an encoder made of the source",
                                        kCrossAttentionSymbol, &cross_weights, &cross_forward, &cross_backward,
                                        &cross_kept, &cross_formed_again, &cross_buffers, &cross_linears}};

}  // namespace
}  // namespace orrery::decoder
