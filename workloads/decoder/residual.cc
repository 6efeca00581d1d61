// Counts the HBM bytes of norms and joins as the fused kernels of Megatron-LM and Apex move them.
#include "workloads/decoder/residual.h"

#include "workloads/decoder/kernels.h"

namespace orrery::decoder {

using step::TapeWriter;

std::int64_t norm_weights(const Shapes& shapes) { return shapes.model.norm_weights(); }

namespace {

// Ranks of a mesh's row hold a part of each row's columns: two sums of it are taken over them.
void row_statistics(const Shapes& shapes, std::int64_t tensors, TapeWriter& tape) {
  if (shapes.tensor_rows == 1) return;
  tape.run(pass_over("row statistics", shapes.shard * shapes.hidden, tensors * shapes.element, 0));
  tape.reduce(tape.groups().tensor_row, Bytes(shapes.shard * shapes.tensor_rows * 2 * kFp32Bytes), "row statistics");
}

}  // namespace

void norm_forward(const Shapes& shapes, std::int64_t written, TapeWriter& tape) {
  row_statistics(shapes, 1, tape);
  tape.run(pass_over("norm", shapes.shard * shapes.hidden, shapes.element, written));
}

void norm_forward(const Shapes& shapes, const Format& written, TapeWriter& tape) {
  const std::int64_t elements = shapes.shard * shapes.hidden;
  row_statistics(shapes, 1, tape);
  tape.run(stream("norm", shapes.bytes(elements), written.bytes(elements)));
}

void norm_backward(const Shapes& shapes, bool joins, TapeWriter& tape) {
  const std::int64_t elements = shapes.shard * shapes.hidden;
  const std::int64_t e = shapes.element;
  row_statistics(shapes, 2, tape);
  tape.run(pass_over("norm input gradient", elements, 2 * e, e));
  if (norm_weights(shapes) > 0 && !tape.frozen()) tape.run(pass_over("norm weight gradient", elements, 2 * e, 0));
  if (joins) tape.run(pass_over("residual gradient", elements, 2 * e, e));
  tape.gradients_ready(norm_weights(shapes));
}

void join_forward(const Shapes& shapes, TapeWriter& tape) {
  const std::int64_t elements = shapes.shard * shapes.hidden;
  const std::int64_t e = shapes.element;
  const std::int64_t mask = shapes.model.dropout ? 1 : 0;  // one byte an element, kept for the backward pass
  if (shapes.stack.fused_bias_dropout_add || (!shapes.model.biases && !shapes.model.dropout)) {
    tape.run(pass_over("bias dropout add", elements, 2 * e, e + mask));
    return;
  }
  if (shapes.model.biases) tape.run(pass_over("bias", elements, e, e));
  if (shapes.model.dropout) tape.run(pass_over("dropout", elements, e, e + mask));
  tape.run(pass_over("residual add", elements, 2 * e, e));
}

void join_backward(const Shapes& shapes, TapeWriter& tape) {
  const std::int64_t elements = shapes.shard * shapes.hidden;
  const std::int64_t e = shapes.element;
  if (shapes.model.dropout) tape.run(pass_over("dropout gradient", elements, e + 1, e));
  if (!shapes.model.biases || tape.frozen()) return;
  tape.run(pass_over("bias gradient", elements, e, 0));
  tape.gradients_ready(shapes.hidden);
}

}  // namespace orrery::decoder
