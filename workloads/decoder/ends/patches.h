// Images as rows: each patch one product away from the residual stream.
#pragma once

#include "sim/base/yaml.h"
#include "workloads/decoder/shapes.h"
#include "workloads/model.h"
#include "workloads/step/tape.h"

namespace orrery::decoder {

// image: {size: 224, channels: 3, patch: 16, classes: 1000}. `beside`: tokens that are no patches.
[[nodiscard]] Image read_image(const yaml::Node& node);
void read_images(yaml::Map& map, DecoderModel& model, std::int64_t beside);

[[nodiscard]] std::int64_t patch_weights(const DecoderModel& model);  // with a bias; all tensor ranks hold them
// Every tensor rank makes rows of all patches; the model is counted that once. Pixels need no gradient, so that
// backward runs one product, not two.
void patches_forward(const Shapes& shapes, step::TapeWriter& tape);
void patches_backward(const Shapes& shapes, step::TapeWriter& tape);
[[nodiscard]] Bytes patches_kept(const Shapes& shapes);

}  // namespace orrery::decoder
