// The ends of a diffusion transformer: patches of noisy latents first, the noise in them and its variance last.
//
// Law. A patch becomes a row by one product; fixed positions are added. What the image is to be is one row c of h
// numbers: its timestep's 256 sines and cosines through products 256 × h and h × h, plus a row of the table of classes
// (one more stands for none). Each layer reads c (decoder/modulation.cc), and stages pass it on. After the layers c
// goes through a product h × 2h, whose halves shift and scale a norm without weights; a product then makes twice a
// patch's latents of each row. Tensor ranks hold all of it in common; rows of the last product are each rank's own
// under sequence parallelism.
//
// Keys of a model file: image: {size, channels, patch, classes}, of latents.
//
// Source: Peebles and Xie 2022 (arXiv 2212.09748), section 3.2; facebookresearch/DiT, models.py.
#include "workloads/decoder/ends/ends.h"
#include "workloads/decoder/ends/patches.h"
#include "workloads/decoder/ends/rows.h"
#include "workloads/decoder/kernels.h"
#include "workloads/decoder/residual.h"

namespace orrery::decoder {
namespace {

using step::TapeWriter;

constexpr std::int64_t kFrequencies = 256;

void read_diffusion(yaml::Map& map, DecoderModel& model) { read_images(map, model, 0); }

std::int64_t made_width(const DecoderModel& model) { return 2 * model.image->patch_width(); }  // noise, its variance
std::int64_t conditioning_weights(const DecoderModel& model) {
  const std::int64_t h = model.hidden;
  return (kFrequencies + 1) * h + (h + 1) * h + (model.image->classes + 1) * h;
}
std::int64_t final_weights(const DecoderModel& model) {
  return (model.hidden + 1) * (2 * model.hidden + made_width(model));
}

Int128 diffusion_parameters(const DecoderModel& model) {
  return Int128{patch_weights(model)} + conditioning_weights(model) + final_weights(model) + model.norm_weights();
}

Linear timestep_in(const Shapes& shapes) {
  return common_product(shapes, "timestep in", kFrequencies, shapes.hidden, shapes.sequences);
}
Linear timestep_out(const Shapes& shapes) {
  return common_product(shapes, "timestep out", shapes.hidden, shapes.hidden, shapes.sequences);
}
Linear final_modulation(const Shapes& shapes) {
  return common_product(shapes, "final modulation", shapes.hidden, 2 * shapes.hidden, shapes.sequences);
}
Linear final_product(const Shapes& shapes) {
  Linear made = common_product(shapes, "noise", shapes.hidden, made_width(shapes.model), shapes.shard);
  if (shapes.sequence_parallel) made.flop_share = 1;
  return made;
}

std::int64_t condition_elements(const Shapes& shapes) { return shapes.sequences * shapes.hidden; }

Weights diffusion_first_weights(const Shapes& shapes) {
  return {.replicated = patch_weights(shapes.model) + conditioning_weights(shapes.model)};
}
Weights diffusion_last_weights(const Shapes& shapes, bool) {
  return {.replicated = norm_weights(shapes) + final_weights(shapes.model)};
}

void diffusion_first_forward(const Shapes& shapes, TapeWriter& tape) {
  const std::int64_t e = shapes.element;
  patches_forward(shapes, tape);
  tape.run(pass_over("positions", shapes.shard * shapes.hidden, 2 * e, e));
  tape.part("conditioning");
  tape.run(pass_over("sines and cosines", shapes.sequences * kFrequencies, 0, e));
  local_forward(shapes, timestep_in(shapes), tape);
  tape.run(pass_over("silu", condition_elements(shapes), e, e));
  local_forward(shapes, timestep_out(shapes), tape);
  tape.run(pass_over("class row add", condition_elements(shapes), 2 * e, e));
}

void diffusion_first_backward(const Shapes& shapes, TapeWriter& tape) {
  const std::int64_t e = shapes.element;
  const std::int64_t table = (shapes.model.image->classes + 1) * shapes.hidden;
  tape.part("conditioning");
  tape.run(stream("class row gradient", shapes.bytes(condition_elements(shapes)),
                  Bytes(condition_elements(shapes) * shapes.gradient_element)));
  tape.gradients_ready(table);
  local_backward(shapes, timestep_out(shapes), tape);
  tape.run(pass_over("silu gradient", condition_elements(shapes), 2 * e, e));
  local_backward(shapes, timestep_in(shapes), tape);
  patches_backward(shapes, tape);
}

void diffusion_last_forward(const Shapes& shapes, bool, TapeWriter& tape) {
  const std::int64_t e = shapes.element;
  tape.part("head");
  tape.run(pass_over("silu", condition_elements(shapes), e, e));
  local_forward(shapes, final_modulation(shapes), tape);
  norm_forward(shapes, e, tape);
  tape.run(pass_over("modulate", shapes.shard * shapes.hidden, e, e));
  local_forward(shapes, final_product(shapes), tape);
  tape.part("loss");
  tape.run(pass_over("squared error", shapes.shard * made_width(shapes.model), 2 * e, 0));
}

void diffusion_last_backward(const Shapes& shapes, bool, TapeWriter& tape) {
  const std::int64_t e = shapes.element;
  tape.part("loss");
  tape.run(pass_over("loss gradient", shapes.shard * made_width(shapes.model), 2 * e, e));
  tape.part("head");
  local_backward(shapes, final_product(shapes), tape);
  tape.run(pass_over("modulate gradient", shapes.shard * shapes.hidden, 2 * e, e));
  norm_backward(shapes, false, tape);
  local_backward(shapes, final_modulation(shapes), tape);
  tape.run(pass_over("silu gradient", condition_elements(shapes), 2 * e, e));
}

// Patches; the sines and cosines, and what each of SiLU and the second product reads.
Bytes diffusion_first_kept(const Shapes& shapes) {
  return patches_kept(shapes) + shapes.bytes(shapes.sequences * (kFrequencies + 2 * shapes.hidden));
}
// What the norm, its modulation and the last product read, and what that makes; of each image's row what SiLU and the
// product after it read, and shift and scale.
Bytes diffusion_last_kept(const Shapes& shapes) {
  return shapes.bytes(shapes.shard * (3 * shapes.hidden + made_width(shapes.model)) + 4 * condition_elements(shapes));
}
Bytes diffusion_last_buffers(const Shapes& shapes) { return shapes.bytes(2 * shapes.shard * shapes.hidden); }

const EndKinds::Entry kDiffusion{
    {"diffusion", "patches of noisy latents, a timestep and a class first; their noise last", &read_diffusion,
     &diffusion_parameters, &diffusion_first_weights, &diffusion_last_weights, &diffusion_first_forward,
     &diffusion_first_backward, &diffusion_last_forward, &diffusion_last_backward, &diffusion_first_kept,
     &diffusion_last_kept, &diffusion_last_buffers, &condition_elements}};

}  // namespace
}  // namespace orrery::decoder
