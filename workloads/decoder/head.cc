// Writes logits and cross entropy as Megatron-LM's vocabulary-parallel loss runs.
//
// Each rank holds the logits of its share of the vocabulary. A row's maximum, its target's logit and its sum of
// exponentials are reduced over the tensor group, four bytes a token each; the logits themselves never travel. Unfused,
// the loss copies logits to fp32 and passes over them again and again; fused, it passes three times.
#include "workloads/decoder/head.h"

#include "workloads/decoder/kernels.h"
#include "workloads/decoder/linear.h"
#include "workloads/decoder/residual.h"

namespace orrery::decoder {
namespace {

using step::TapeWriter;

Linear logits(const Shapes& shapes, bool shares_weight) {
  return {.name = "logits",
          .in = shapes.hidden,
          .out = shapes.vocab,
          .flop_share = shapes.vocab_share / static_cast<double>(shapes.vocab),
          .gradient_final = !shares_weight,
          .exact = true};
}

}  // namespace

void cross_entropy_forward(const Shapes& shapes, TapeWriter& tape) {
  const std::int64_t elements = shapes.tokens * shapes.vocab;
  const std::int64_t e = shapes.element;
  const Bytes row(shapes.tokens * kFp32Bytes);
  const auto tensor = tape.groups().tensor;
  if (shapes.stack.fused_cross_entropy) {
    tape.run(pass_over("row maximum", elements, e, 0));
    tape.reduce(tensor, row, "row maximum");
    tape.run(pass_over("exponentials", elements, e, kFp32Bytes));
    tape.reduce(tensor, row * 2, "target and sum");
    tape.run(pass_over("normalise", elements, kFp32Bytes, kFp32Bytes));
    return;
  }
  if (e != kFp32Bytes) tape.run(pass_over("logits to fp32", elements, e, kFp32Bytes));
  tape.run(pass_over("row maximum", elements, kFp32Bytes, 0));
  tape.reduce(tensor, row, "row maximum");
  tape.run(pass_over("subtract maximum", elements, kFp32Bytes, kFp32Bytes));
  tape.run(pass_over("pick target", shapes.tokens, kFp32Bytes, kFp32Bytes));
  tape.reduce(tensor, row, "target");
  tape.run(pass_over("exponentials", elements, kFp32Bytes, kFp32Bytes));
  tape.run(pass_over("row sum", elements, kFp32Bytes, 0));
  tape.reduce(tensor, row, "row sum");
  tape.run(pass_over("normalise", elements, kFp32Bytes, kFp32Bytes));
}

void cross_entropy_backward(const Shapes& shapes, TapeWriter& tape) {
  const std::int64_t elements = shapes.tokens * shapes.vocab;
  const std::int64_t e = shapes.element;
  if (shapes.stack.fused_cross_entropy) {
    tape.run(pass_over("loss gradient", elements, kFp32Bytes, e));
    return;
  }
  tape.run(pass_over("loss gradient", elements, kFp32Bytes, kFp32Bytes));
  if (e != kFp32Bytes) tape.run(pass_over("gradient from fp32", elements, kFp32Bytes, e));
}

void head_forward(const Shapes& shapes, bool shares_weight, TapeWriter& tape) {
  tape.part("head");
  norm_forward(shapes, shapes.element, tape);
  column_forward(shapes, logits(shapes, shares_weight), tape);
  tape.part("loss");
  cross_entropy_forward(shapes, tape);
}

void next_token(const Shapes& shapes, TapeWriter& tape) {
  Linear last = logits(shapes, false);
  last.rows = shapes.sequences;
  tape.part("head");
  tape.run(pass_over("norm", shapes.sequences * shapes.hidden, shapes.element, shapes.element));
  local_forward(shapes, last, tape);
  tape.part("sampling");
  tape.run(pass_over("softmax", shapes.sequences * shapes.vocab, shapes.element, kFp32Bytes));
  tape.reduce(tape.groups().tensor, Bytes(shapes.sequences * 2 * kFp32Bytes), "best and sum");
}

void head_backward(const Shapes& shapes, bool shares_weight, TapeWriter& tape) {
  tape.part("loss");
  cross_entropy_backward(shapes, tape);
  tape.part("head");
  column_backward(shapes, logits(shapes, shares_weight), tape);
  norm_backward(shapes, false, tape);
}

}  // namespace orrery::decoder
