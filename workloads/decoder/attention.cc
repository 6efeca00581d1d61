// Writes attention forward and backward.
#include "workloads/decoder/attention.h"

#include "workloads/decoder/core.h"
#include "workloads/decoder/kernels.h"
#include "workloads/decoder/linear.h"
#include "workloads/decoder/residual.h"

namespace orrery::decoder {
namespace {

using step::TapeWriter;

Linear qkv(const Shapes& shapes) {
  return {.name = "qkv",
          .in = shapes.hidden,
          .out = shapes.qkv_width,
          .fp8 = shapes.stack.fp8_products,
          .bias = shapes.model.biases};
}
Linear projection(const Shapes& shapes) {  // its bias belongs to the join
  return {.name = "attention output", .in = shapes.query_width, .out = shapes.hidden, .fp8 = shapes.stack.fp8_products};
}

void rotate(const Shapes& shapes, TapeWriter& tape) {
  if (shapes.model.position == PositionKind::kRotary)
    tape.run(
        pass_over("rotary", shapes.tokens * (shapes.query_width + shapes.kv_width), shapes.element, shapes.element));
}

}  // namespace

void core_forward(const Shapes& shapes, TapeWriter& tape) {
  if (shapes.stack.attention == Attention::kFlash) return flash_forward(shapes, tape);
  materialized_forward(shapes, tape);
}

void core_backward(const Shapes& shapes, TapeWriter& tape) {
  if (shapes.stack.attention == Attention::kFlash) return flash_backward(shapes, tape);
  materialized_backward(shapes, tape);
}

void attention_forward(const Shapes& shapes, TapeWriter& tape) {
  tape.part("attention");
  norm_forward(shapes, shapes.product_element, tape);
  column_forward(shapes, qkv(shapes), tape);
  rotate(shapes, tape);
  core_forward(shapes, tape);
  row_forward(shapes, projection(shapes), tape);
  join_forward(shapes, tape);
}

void attention_backward(const Shapes& shapes, TapeWriter& tape) {
  tape.part("attention");
  join_backward(shapes, tape);
  row_backward(shapes, projection(shapes), tape);
  if (shapes.recompute == Recompute::kSelective) {
    tape.phase(Phase::kRecompute);
    core_forward(shapes, tape);
    tape.phase(Phase::kBackward);
  }
  core_backward(shapes, tape);
  rotate(shapes, tape);
  tape.run(pass_over("gather qkv gradient", shapes.tokens * shapes.qkv_width, shapes.element, shapes.element));
  column_backward(shapes, qkv(shapes), tape);
  norm_backward(shapes, true, tape);
}

}  // namespace orrery::decoder
