// Attention as batched products with the whole matrix of scores in memory between them.
//
// Source: Megatron-LM's CoreAttention: scores = scale·Q·Kᵀ in one batched product, a fused scale + mask + softmax whose
// causal form reads only the lower triangle, dropout with a mask of one byte an element, the product with V, and a copy
// that brings heads back together. Queries, keys and values are views of one tensor; their gradients are gathered into
// it by a copy.
#include "workloads/decoder/core.h"
#include "workloads/decoder/kernels.h"

namespace orrery::decoder {

using step::TapeWriter;

void materialized_forward(const Shapes& shapes, TapeWriter& tape) {
  const std::int64_t s = shapes.sequence;
  const std::int64_t keys = shapes.keys;
  const std::int64_t d = shapes.head_dim;
  const std::int64_t e = shapes.element;
  const std::int64_t batch = shapes.sequences * shapes.heads;
  const std::int64_t scores = batch * s * keys;
  if (shapes.model.grouped())  // each key-value head is copied for the heads of its group
    tape.run(stream("expand keys and values", shapes.bytes(2 * shapes.sequences * keys * shapes.kv_width),
                    shapes.bytes(2 * shapes.sequences * keys * shapes.query_width)));
  tape.run(product("scores", shapes, s, keys, d, batch));
  if (shapes.stack.fused_softmax) {
    tape.run(stream("softmax", Bytes(scores / (shapes.model.causal ? 2 : 1) * e), Bytes(scores * e)));
  } else {
    tape.run(pass_over("scale", scores, e, e));
    tape.run(pass_over("mask", scores, e, e));
    tape.run(pass_over("softmax", scores, e, e));
  }
  if (shapes.model.dropout) tape.run(pass_over("attention dropout", scores, e, e + 1));
  tape.run(product("context", shapes, s, shapes.value_dim, keys, batch));
  tape.run(pass_over("context copy", shapes.tokens * shapes.output_width, e, e));
}

void materialized_backward(const Shapes& shapes, TapeWriter& tape) {
  const std::int64_t s = shapes.sequence;
  const std::int64_t keys = shapes.keys;
  const std::int64_t d = shapes.head_dim;
  const std::int64_t e = shapes.element;
  const std::int64_t batch = shapes.sequences * shapes.heads;
  const std::int64_t scores = batch * s * keys;
  tape.run(product("probabilities gradient", shapes, s, keys, shapes.value_dim, batch));
  tape.run(product("values gradient", shapes, keys, shapes.value_dim, s, batch));
  if (shapes.model.dropout) tape.run(pass_over("attention dropout gradient", scores, e + 1, e));
  if (shapes.stack.fused_softmax) {
    // Causal: half of two tensors, whole of one.
    tape.run(stream("softmax gradient", Bytes(scores * (shapes.model.causal ? 1 : 2) * e), Bytes(scores * e)));
  } else {
    tape.run(pass_over("softmax gradient", scores, 2 * e, e));
    tape.run(pass_over("mask gradient", scores, e, e));
    tape.run(pass_over("scale gradient", scores, e, e));
  }
  tape.run(product("queries gradient", shapes, s, d, keys, batch));
  tape.run(product("keys gradient", shapes, keys, d, s, batch));
  if (shapes.model.grouped())
    tape.run(stream("sum keys and values gradients", shapes.bytes(2 * shapes.sequences * keys * shapes.query_width),
                    shapes.bytes(2 * shapes.sequences * keys * shapes.kv_width)));
}

}  // namespace orrery::decoder
