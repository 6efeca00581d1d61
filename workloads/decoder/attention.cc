// The attention sub-layer: norm, projections split over heads, core, and its join with the residual stream.
#include "workloads/decoder/core.h"
#include "workloads/decoder/kernels.h"
#include "workloads/decoder/latent.h"
#include "workloads/decoder/linear.h"
#include "workloads/decoder/residual.h"
#include "workloads/decoder/sublayer.h"

namespace orrery::decoder {

using step::TapeWriter;

void core_forward(const Shapes& shapes, TapeWriter& tape) {
  if (shapes.stack.attention == Attention::kFlash) return flash_forward(shapes, tape);
  materialized_forward(shapes, tape);
}

void core_backward(const Shapes& shapes, TapeWriter& tape) {
  if (shapes.stack.attention == Attention::kFlash) return flash_backward(shapes, tape);
  materialized_backward(shapes, tape);
}

namespace {

Adapter qkv_adapter(const Shapes& shapes) {
  const Adapters& on = shapes.adapters;
  return {.count = (on.query ? 1 : 0) + (on.key ? 1 : 0) + (on.value ? 1 : 0),
          .out = (on.query ? shapes.query_width : 0) + (on.key ? shapes.kv_width : 0) +
                 (on.value ? shapes.kv_heads * shapes.value_dim : 0)};
}

Linear qkv(const Shapes& shapes) {
  return {.name = "qkv",
          .in = shapes.hidden,
          .out = shapes.qkv_width,
          .fp8 = shapes.stack.fp8_products,
          .bias = shapes.model.biases,
          .adapter = qkv_adapter(shapes)};
}
Linear projection(const Shapes& shapes) {  // its bias belongs to the join
  Linear linear{
      .name = "attention output", .in = shapes.output_width, .out = shapes.hidden, .fp8 = shapes.stack.fp8_products};
  if (shapes.adapters.output) linear.adapter = {.count = 1, .out = shapes.hidden, .by_rows = true};
  return linear;
}
// Which reads the norm's result.
Linear first_linear(const Shapes& shapes) { return shapes.model.latent ? latent_linears(shapes).front() : qkv(shapes); }

// In one pass; or, of queries and of keys, as Megatron Core's rope_utils.py writes it where Transformer Engine's kernel
// doesn't do (a stretch has a factor of its own): half of it negated and joined to the other, two products, their sum,
// and a copy that joins it to what isn't rotated.
void rotate(const Shapes& shapes, TapeWriter& tape) {
  if (shapes.model.position != PositionKind::kRotary) return;
  const std::int64_t e = shapes.element;
  const std::int64_t queries = shapes.tokens * shapes.query_width;
  const std::int64_t keys = shapes.tokens * shapes.kv_width;
  if (!shapes.model.scaled_rotary || !shapes.stack.unfused.scaled_rotary) {
    tape.run(pass_over("rotary", queries + keys, e, e));
    return;
  }
  for (const std::int64_t elements : {queries, keys}) {
    tape.run(pass_over("negate half", elements / 2, e, e));
    tape.run(pass_over("join halves", elements, e, e));
    for (const char* factor : {"by cosine", "by sine"}) tape.run(pass_over(factor, elements, e, e));
    tape.run(pass_over("rotary sum", elements, 2 * e, e));
    tape.run(pass_over("rotary copy", elements, e, e));
  }
}

// Of each head's queries and keys.
void head_norms(const Shapes& shapes, const char* name, std::int64_t read_each, TapeWriter& tape) {
  if (!shapes.model.query_key_norm) return;
  const std::int64_t elements = shapes.tokens * (shapes.query_width + shapes.kv_width);
  tape.run(pass_over(name, elements, read_each * shapes.element, shapes.element));
}
std::int64_t head_norm_weights(const Shapes& shapes) { return shapes.model.query_key_norm ? 2 * shapes.head_dim : 0; }

void project(const Shapes& shapes, TapeWriter& tape) {
  if (shapes.model.latent) return latent_forward(shapes, tape);
  column_forward(shapes, qkv(shapes), tape);
  head_norms(shapes, "head norms", 1, tape);
  rotate(shapes, tape);
}

void project_backward(const Shapes& shapes, TapeWriter& tape) {
  if (shapes.model.latent) return latent_backward(shapes, tape);
  rotate(shapes, tape);
  head_norms(shapes, "head norm gradients", 2, tape);
  tape.gradients_ready(head_norm_weights(shapes));
  tape.run(pass_over("gather qkv gradient", shapes.tokens * shapes.qkv_width, shapes.element, shapes.element));
  column_backward(shapes, qkv(shapes), tape);
}

void attention_forward(const Shapes& shapes, TapeWriter& tape) {
  tape.part("attention");
  norm_forward(shapes, shapes.product_element, tape);
  project(shapes, tape);
  core_forward(shapes, tape);
  row_forward(shapes, projection(shapes), tape);
  join_forward(shapes, tape);
}

void attention_backward(const Shapes& shapes, TapeWriter& tape) {
  tape.part("attention");
  join_backward(shapes, tape);
  row_backward(shapes, projection(shapes), tape);
  tape.phase(Phase::kRecompute);
  if (shapes.again.latent_up && shapes.model.latent) widen_latents(shapes, tape);
  if (shapes.again.core_attention) core_forward(shapes, tape);
  tape.phase(Phase::kBackward);
  core_backward(shapes, tape);
  norm_again(shapes, first_linear(shapes), tape);
  project_backward(shapes, tape);
  norm_backward(shapes, true, tape);
}

Weights attention_weights(const Shapes& shapes) {
  const std::int64_t bias = shapes.model.biases ? 1 : 0;
  const std::int64_t output = shapes.hidden * shapes.output_width;
  Weights weights;
  if (shapes.model.latent) {
    weights = latent_weights(shapes);
  } else {
    weights.products = shapes.hidden * shapes.qkv_width;
    weights.split = weights.products + bias * shapes.qkv_width;
  }
  weights.products += output;
  weights.split += output;
  weights.replicated += norm_weights(shapes) + head_norm_weights(shapes) + bias * shapes.hidden;
  return weights;
}

}  // namespace

// Flash attention's backward pass reads its output; what the projection reads may be a copy of its own, in FP8.
Bytes output_kept(const Shapes& shapes, const Linear& last) {
  const bool shares = reads_input(shapes, last) && shapes.kept_element == format_of(shapes.stack.compute);
  Bytes bytes = kept_input(shapes, last);
  if (shapes.stack.attention == Attention::kFlash && !shares)
    bytes += shapes.bytes(shapes.tokens * shapes.output_width);
  return bytes;
}

Bytes core_kept(const Shapes& shapes) {
  if (shapes.stack.attention == Attention::kFlash) return Bytes(shapes.tokens * shapes.heads * kFp32Bytes);  // row sums
  const std::int64_t scores = shapes.tokens * shapes.heads * shapes.keys;
  if (!shapes.model.dropout) return shapes.bytes(scores);  // probabilities
  return shapes.bytes(2 * scores) + Bytes(scores);         // before dropout, after it, and its mask
}

namespace {

// Queries, keys, values; the projection's input; what the core keeps.
Bytes attention_kept(const Shapes& shapes) {
  Bytes bytes = kept_at_ends(shapes, first_linear(shapes)) + shapes.bytes(shapes.tokens * shapes.qkv_width) +
                output_kept(shapes, projection(shapes)) + core_kept(shapes);
  if (shapes.model.latent) bytes += latent_kept(shapes);
  if (shapes.model.query_key_norm) bytes += shapes.bytes(shapes.tokens * (shapes.query_width + shapes.kv_width));
  return bytes;
}

Bytes attention_formed_again(const Shapes& shapes) {
  Bytes bytes = norm_formed_again(shapes, first_linear(shapes));
  if (shapes.again.core_attention) bytes += core_kept(shapes);
  if (shapes.again.latent_up && shapes.model.latent) bytes += shapes.bytes(shapes.tokens * shapes.qkv_width);
  return bytes;
}

// What a context group's exchanges hold besides: two shares of keys, values and both gradients, one in use and one
// under way; or all keys and values with their gradients; or the other layout of what is exchanged.
Bytes context_buffers(const Shapes& shapes) {
  if (shapes.context == 1) return Bytes(0);
  if (shapes.context_exchange == ContextExchange::kRing) return shapes.keys_and_values() * 4;
  if (shapes.context_exchange == ContextExchange::kAllGather) return shapes.keys_and_values() * (2 * shapes.context);
  return shapes.bytes(shapes.tokens * (shapes.qkv_width + shapes.output_width));
}

Bytes attention_buffers(const Shapes& shapes) {
  return shapes.bytes(2 * shapes.tokens * shapes.qkv_width) + context_buffers(shapes);
}

std::vector<Linear> attention_linears(const Shapes& shapes) {
  std::vector<Linear> linears = shapes.model.latent ? latent_linears(shapes) : std::vector<Linear>{qkv(shapes)};
  linears.push_back(projection(shapes));
  return linears;
}

const SubLayers::Entry kAttention{{"attention", "norm, queries, keys and values, attention's core, a product back",
                                   kAttentionSymbol, &attention_weights, &attention_forward, &attention_backward,
                                   &attention_kept, &attention_formed_again, &attention_buffers, &attention_linears,
                                   &cache_bytes}};

}  // namespace
}  // namespace orrery::decoder
