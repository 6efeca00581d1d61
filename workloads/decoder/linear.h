// Linear layers split over the tensor group: by columns of the weight, or by rows, each with what it communicates.
//
// In FP8 (or a format of four bits, or one with scales) a product reads a byte for each element of both operands; its
// result is in the stack's compute precision. By columns, the norm before the layer writes x in FP8, and x is gathered
// as such; by rows, x is cast. A gradient of y is cast where it comes in, before it is gathered. Products read operands
// along k only, so the weight's gradient takes x and y's gradient transposed: a cast writes both layouts, what was
// gathered is transposed in a pass of its own. Amax and bias gradients come with the casts. Formats with a scale a
// block have blocks along k, so that a transposed operand is scaled anew. Weights are cast once a step (step/update.h).
// Source: NVIDIA Transformer Engine, pytorch/module/linear.py and layernorm_linear.py, delayed scaling on Hopper.
//
// On a mesh of r × c tensor ranks (2-D) a rank holds 1/r of a weight's one side and 1/c of the other. Rows of the
// residual stream are split over its c columns, their width over the r ranks of a row. By columns, x is gathered over a
// column's ranks, T·in/r elements, and partial sums of y scattered over a row's, T·out/c; by rows the other way round.
// With r = 1 that is the above; a rank receives T·(h/r + out/c) elements for a layer instead of T·h, least where c/r =
// out/h. The ends' tables stay split over all ranks. Source: Pope et al. 2022 (arXiv 2211.05102), section 3.2, 2D
// weight-stationary; Xu et al. 2021 (arXiv 2104.05343). A format of the wire's own is for columns alone.
//
// In tiles: rows are gathered, multiplied and summed a part at a time, so that the product of a part runs beside the
// gather of the next or the sum of the one before; only products that would wait are cut, those of the forward pass and
// the input gradient of a layer by rows. Source: Wang et al. 2023 (ASPLOS, doi 10.1145/3567955.3567959); Transformer
// Engine's --tp-comm-overlap.
#pragma once

#include <string>

#include "workloads/decoder/shapes.h"
#include "workloads/step/tape.h"

namespace orrery::decoder {

// Beside a frozen layer: `count` products with A, of which B's make `out` columns of y together (adapters.h). Of a
// layer by columns A is held in common by tensor ranks, of one by rows B is; their gradients are summed once a step.
struct Adapter {
  std::int64_t count = 0;
  std::int64_t out = 0;
  bool by_rows = false;
};

// y[tokens × out] = x[tokens × in]·W on one rank. Split by columns, `out` is a share and x is whole (gathered first
// under sequence parallelism); split by rows, `in` is a share and y is a partial sum, reduced over the tensor group
// (and scattered under sequence parallelism).
struct Linear {
  std::string name;  // "qkv"
  std::int64_t in = 0;
  std::int64_t out = 0;
  std::int64_t rows = 0;       // of x; 0: the microbatch's tokens
  std::int64_t batch = 1;      // as many weights of this shape, each with its own rows (experts)
  bool fp8 = false;            // or in the stack's other narrow format
  bool bias = false;           // added here, in a pass of its own (a later kernel may fuse it instead)
  double flop_share = 1;       // of the product: less where columns or rows are padding
  bool experts = false;        // its weights are an expert's: reduced over other replicas than the rest
  bool gradient_final = true;  // after its backward pass; false where another use of the weight still comes
  bool exact = false;          // logits, a router: never kept in fewer bits, nor packed for the wire
  Adapter adapter = {};
};

// Operands of the product that makes the weight's gradient: x, gathered, and y's gradient.
[[nodiscard]] Bytes weight_operands(const Shapes& shapes, const Linear& linear);

// Whether its backward pass reads x: not where it is frozen, with nothing beside it.
[[nodiscard]] bool reads_input(const Shapes& shapes, const Linear& linear);
// x, as it is kept for that pass.
[[nodiscard]] Bytes kept_input(const Shapes& shapes, const Linear& linear);
// What its adapter keeps: x·A.
[[nodiscard]] Bytes adapter_kept(const Shapes& shapes, const Linear& linear);

// Source: Megatron-LM (arXiv 1909.08053, section 3: operators f and g; arXiv 2205.05198, section 4.2.2: their
// sequence-parallel counterparts).
void column_forward(const Shapes& shapes, const Linear& linear, step::TapeWriter& tape);
// The gradient of x is reduced over the group; beside it runs the product for W's gradient if the stack overlaps them.
// Under sequence parallelism x is gathered again, beside the product for its gradient.
void column_backward(const Shapes& shapes, const Linear& linear, step::TapeWriter& tape);

// Whole on this rank, x and y too: nothing is communicated. In FP8, x and y's gradient are cast first.
void local_forward(const Shapes& shapes, const Linear& linear, step::TapeWriter& tape);
void local_backward(const Shapes& shapes, const Linear& linear, step::TapeWriter& tape);

void row_forward(const Shapes& shapes, const Linear& linear, step::TapeWriter& tape);
void row_backward(const Shapes& shapes, const Linear& linear, step::TapeWriter& tape);

}  // namespace orrery::decoder
