// Writes the products of multi-head latent attention.
//
// Queries: h → q′ → heads × d; keys and values: h → c + r, of which c → heads × (d − r + v) and the r columns carry
// positions for all heads. The narrow products run on a tensor rank's own rows (its share under sequence parallelism)
// with weights that all ranks hold; their normalised results are gathered for the wide ones, each for its own heads.
// Without q′ queries come from the residual stream, as in plain attention. Forward and backward form keys and values
// whole: nothing is absorbed into other products, as it would be in decoding.
//
// Source: DeepSeek-AI 2024 (arXiv 2405.04434, section 2.1 and appendix C); Megatron Core's MLASelfAttention.
#include "workloads/decoder/latent.h"

#include "workloads/decoder/kernels.h"
#include "workloads/decoder/linear.h"

namespace orrery::decoder {
namespace {

using step::Stream;
using step::TapeWriter;

const LatentAttention& latent_of(const Shapes& shapes) { return *shapes.model.latent; }
bool narrows_queries(const Shapes& shapes) { return latent_of(shapes).query > 0; }
// Of a row: both latents and the keys' positions.
std::int64_t narrow_width(const Shapes& shapes) {
  return latent_of(shapes).query + latent_of(shapes).kv + latent_of(shapes).rope;
}
std::int64_t key_value_columns(const Shapes& shapes) {
  return shapes.heads * (shapes.head_dim - latent_of(shapes).rope + shapes.value_dim);
}

Linear narrow_queries(const Shapes& shapes) {
  return {.name = "query latent",
          .in = shapes.hidden,
          .out = latent_of(shapes).query,
          .rows = shapes.shard,
          .fp8 = shapes.stack.fp8_products};
}
Linear narrow_keys(const Shapes& shapes) {
  return {.name = "key-value latent",
          .in = shapes.hidden,
          .out = latent_of(shapes).kv + latent_of(shapes).rope,
          .rows = shapes.shard,
          .fp8 = shapes.stack.fp8_products};
}
Linear widen_queries(const Shapes& shapes) {
  return {
      .name = "queries", .in = latent_of(shapes).query, .out = shapes.query_width, .fp8 = shapes.stack.fp8_products};
}
Linear plain_queries(const Shapes& shapes) {
  return {.name = "queries", .in = shapes.hidden, .out = shapes.query_width, .fp8 = shapes.stack.fp8_products};
}
Linear widen_keys(const Shapes& shapes) {
  return {.name = "keys and values",
          .in = latent_of(shapes).kv,
          .out = key_value_columns(shapes),
          .fp8 = shapes.stack.fp8_products};
}

// Between ranks that each have some rows of the latents and ranks that each need all rows of them.
void exchange_latents(const Shapes& shapes, CollectiveKind kind, std::string_view name, TapeWriter& tape) {
  if (!shapes.sequence_parallel && kind == CollectiveKind::kAllGather) return;
  const CollectiveKind needed = shapes.sequence_parallel ? kind : CollectiveKind::kAllReduce;
  tape.wait(tape.collective(Stream::kTensor, needed, tape.groups().tensor,
                            shapes.bytes(shapes.tokens * narrow_width(shapes)), name));
}

void norms(const Shapes& shapes, const char* name, TapeWriter& tape) {
  const std::int64_t columns = latent_of(shapes).query + latent_of(shapes).kv;
  tape.run(pass_over(name, shapes.shard * columns, shapes.element, shapes.element));
}

// The positions' part of queries and of the one key, which is copied to every head beside what the latent gives.
void rotate_and_join(const Shapes& shapes, const char* name, TapeWriter& tape) {
  tape.run(pass_over(name, shapes.tokens * shapes.qkv_width, shapes.element, shapes.element));
}

}  // namespace

void latent_forward(const Shapes& shapes, TapeWriter& tape) {
  if (narrows_queries(shapes)) {
    local_forward(shapes, narrow_queries(shapes), tape);
  } else {
    column_forward(shapes, plain_queries(shapes), tape);
  }
  local_forward(shapes, narrow_keys(shapes), tape);
  norms(shapes, "latent norms", tape);
  exchange_latents(shapes, CollectiveKind::kAllGather, "latents", tape);
  widen_latents(shapes, tape);
}

void widen_latents(const Shapes& shapes, TapeWriter& tape) {
  if (narrows_queries(shapes)) local_forward(shapes, widen_queries(shapes), tape);
  local_forward(shapes, widen_keys(shapes), tape);
  rotate_and_join(shapes, "rotary", tape);
}

void latent_backward(const Shapes& shapes, TapeWriter& tape) {
  rotate_and_join(shapes, "rotary gradient", tape);
  local_backward(shapes, widen_keys(shapes), tape);
  if (narrows_queries(shapes)) local_backward(shapes, widen_queries(shapes), tape);
  exchange_latents(shapes, CollectiveKind::kReduceScatter, "latent gradients", tape);
  norms(shapes, "latent norm gradients", tape);
  tape.gradients_ready(latent_of(shapes).query + latent_of(shapes).kv);
  local_backward(shapes, narrow_keys(shapes), tape);
  if (narrows_queries(shapes)) {
    local_backward(shapes, narrow_queries(shapes), tape);
  } else {
    column_backward(shapes, plain_queries(shapes), tape);
  }
}

Weights latent_weights(const Shapes& shapes) {
  const LatentAttention& latent = latent_of(shapes);
  const std::int64_t narrow = shapes.hidden * narrow_width(shapes);
  const std::int64_t query_in = narrows_queries(shapes) ? latent.query : shapes.hidden;
  Weights weights;
  weights.split = query_in * shapes.query_width + latent.kv * key_value_columns(shapes);
  weights.products = weights.split + narrow;
  weights.replicated = narrow + latent.query + latent.kv;
  return weights;
}

std::vector<Linear> latent_linears(const Shapes& shapes) {
  std::vector<Linear> linears = {narrow_keys(shapes), widen_keys(shapes)};
  if (narrows_queries(shapes)) {
    linears.insert(linears.end(), {narrow_queries(shapes), widen_queries(shapes)});
  } else {
    linears.push_back(plain_queries(shapes));
  }
  return linears;
}

Bytes latent_kept(const Shapes& shapes) {
  // Before the norms, on the rank's own rows; after them, all rows, for products.
  return shapes.bytes(shapes.shard * narrow_width(shapes)) +
         (shapes.frozen()
              ? Bytes(0)
              : shapes.kept_element.bytes(shapes.tokens * (latent_of(shapes).query + latent_of(shapes).kv)));
}

}  // namespace orrery::decoder
