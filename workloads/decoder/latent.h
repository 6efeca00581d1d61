// Projections of latent attention: narrow products that tensor ranks hold in common, wide ones split over heads.
#pragma once

#include <vector>

#include "workloads/decoder/linear.h"
#include "workloads/decoder/shapes.h"
#include "workloads/decoder/weights.h"
#include "workloads/step/tape.h"

namespace orrery::decoder {

void latent_forward(const Shapes& shapes, step::TapeWriter& tape);
// Queries, keys and values from the latents.
void widen_latents(const Shapes& shapes, step::TapeWriter& tape);
void latent_backward(const Shapes& shapes, step::TapeWriter& tape);
[[nodiscard]] Weights latent_weights(const Shapes& shapes);  // of these projections
[[nodiscard]] std::vector<Linear> latent_linears(const Shapes& shapes);
// Kept of them for the backward pass, besides the queries, keys and values that they make.
[[nodiscard]] Bytes latent_kept(const Shapes& shapes);

}  // namespace orrery::decoder
