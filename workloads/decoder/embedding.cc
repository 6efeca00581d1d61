// Writes the embedding as Megatron-LM's vocabulary-parallel lookup runs.
//
// Forward: tokens outside a rank's share of the table are masked, their rows zeroed, and the ranks' rows summed (summed
// and scattered under sequence parallelism). Backward: the gradient of a table is dense: it is zeroed, rows are added
// into it, and it is added to what earlier microbatches left, whatever few rows the microbatch touched.
#include "workloads/decoder/embedding.h"

#include "workloads/decoder/kernels.h"

namespace orrery::decoder {
namespace {

using step::Stream;
using step::TapeWriter;

constexpr std::int64_t kTokenIndex = 8;  // bytes

void table_gradient(const Shapes& shapes, std::int64_t rows, std::int64_t added_rows, bool final, TapeWriter& tape) {
  const step::WeightGradients here(tape);
  const std::int64_t weights = rows * shapes.hidden;
  const Bytes gradient(weights * shapes.gradient_element);
  const Bytes added = shapes.bytes(added_rows * shapes.hidden);
  tape.run(stream("zero table gradient", Bytes(0), shapes.bytes(weights)));
  tape.run(stream("table gradient", added * 2, added));
  tape.run(stream("accumulate", gradient + shapes.bytes(weights), gradient));
  if (final) tape.gradients_ready(weights);
}

}  // namespace

void embedding_forward(const Shapes& shapes, TapeWriter& tape) {
  const std::int64_t e = shapes.element;
  const std::int64_t whole = shapes.tokens * shapes.hidden;
  const std::int64_t part = shapes.shard * shapes.hidden;
  tape.part("embedding");
  if (shapes.tensor > 1) tape.run(pass_over("mask tokens", shapes.tokens, kTokenIndex, kTokenIndex));
  tape.run(pass_over("lookup", whole, e, e));
  if (shapes.tensor > 1) {
    tape.run(pass_over("zero masked rows", whole, 0, e));
    const CollectiveKind kind = shapes.sequence_parallel ? CollectiveKind::kReduceScatter : CollectiveKind::kAllReduce;
    tape.wait(tape.collective(Stream::kTensor, kind, tape.groups().tensor, shapes.hidden_bytes(), "embedding"));
  }
  if (shapes.model.position == PositionKind::kLearned) {
    tape.run(pass_over("position lookup", part, e, e));
    tape.run(pass_over("position add", part, 2 * e, e));
  }
  tape.run(pass_over("layout copy", part, e, e));  // sequences first → tokens first
  if (shapes.model.dropout) tape.run(pass_over("dropout", part, e, e + 1));
}

void embedding_backward(const Shapes& shapes, TapeWriter& tape, bool final) {
  const std::int64_t e = shapes.element;
  const std::int64_t part = shapes.shard * shapes.hidden;
  tape.part("embedding");
  if (shapes.model.dropout) tape.run(pass_over("dropout gradient", part, e + 1, e));
  tape.run(pass_over("layout copy", part, e, e));
  if (shapes.model.position == PositionKind::kLearned)
    table_gradient(shapes, shapes.model.positions, shapes.shard, final, tape);
  if (shapes.sequence_parallel)
    tape.wait(tape.collective(Stream::kTensor, CollectiveKind::kAllGather, tape.groups().tensor, shapes.hidden_bytes(),
                              "embedding gradient"));
  table_gradient(shapes, shapes.vocab, shapes.tokens, final, tape);
}

}  // namespace orrery::decoder
