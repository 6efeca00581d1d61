// The modulation sub-layer: one row an image makes shifts, scales and gates of a layer's two other sub-layers.
//
// Law. SiLU of the image's row c, then a product h × 6h with biases; of its six parts one shifts and one scales what
// each of attention and MLP reads, and one gates what each adds to the residual stream. A pass over the stream for each
// of the four; backward their gradients are summed over an image's rows. Tensor ranks hold the product in common and
// each do it whole; the model is counted it once.
//
// Source: Peebles and Xie 2022 (arXiv 2212.09748), adaLN-Zero; facebookresearch/DiT, models.py.
#include "workloads/decoder/ends/rows.h"
#include "workloads/decoder/kernels.h"
#include "workloads/decoder/sublayer.h"

namespace orrery::decoder {
namespace {

using step::TapeWriter;

constexpr std::int64_t kParts = 6;

Linear modulation(const Shapes& shapes) {
  return common_product(shapes, "modulation", shapes.hidden, kParts * shapes.hidden, shapes.sequences);
}

void modulation_forward(const Shapes& shapes, TapeWriter& tape) {
  const std::int64_t elements = shapes.shard * shapes.hidden;
  const std::int64_t e = shapes.element;
  tape.part("modulation");
  tape.run(pass_over("silu", shapes.sequences * shapes.hidden, e, e));
  local_forward(shapes, modulation(shapes), tape);
  for (int sublayer = 0; sublayer < 2; ++sublayer) {
    tape.run(pass_over("modulate", elements, e, e));
    tape.run(pass_over("gate", elements, e, e));
  }
}

void modulation_backward(const Shapes& shapes, TapeWriter& tape) {
  const std::int64_t elements = shapes.shard * shapes.hidden;
  const std::int64_t e = shapes.element;
  tape.part("modulation");
  for (int sublayer = 0; sublayer < 2; ++sublayer) {
    tape.run(pass_over("gate gradient", elements, 2 * e, e));
    tape.run(pass_over("modulate gradient", elements, 2 * e, e));
  }
  local_backward(shapes, modulation(shapes), tape);
  tape.run(pass_over("silu gradient", shapes.sequences * shapes.hidden, 2 * e, e));
}

Weights modulation_weights(const Shapes& shapes) {
  return {.replicated = kParts * (shapes.hidden + 1) * shapes.hidden};
}

// Of each row what is scaled and what is gated, twice; of each image its row, SiLU of it and the six parts.
Bytes modulation_kept(const Shapes& shapes) {
  return shapes.bytes((4 * shapes.shard + (2 + kParts) * shapes.sequences) * shapes.hidden);
}

std::vector<Linear> modulation_linears(const Shapes& shapes) { return {modulation(shapes)}; }

const SubLayers::Entry kModulation{{"modulation", "one row an image shifts, scales and gates the layer's sub-layers",
                                    kModulationSymbol, &modulation_weights, &modulation_forward, &modulation_backward,
                                    &modulation_kept, &nothing, &nothing, &modulation_linears}};

}  // namespace
}  // namespace orrery::decoder
