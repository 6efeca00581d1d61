// Kinds of ends, one file each: what stands before a model's first layer and after its last.
//
// A kind brings what it reads (tokens, patches of images) into the residual stream, and takes its loss from it.
#pragma once

#include <string_view>

#include "sim/base/registry.h"
#include "sim/base/units.h"
#include "sim/base/yaml.h"
#include "workloads/decoder/shapes.h"
#include "workloads/decoder/weights.h"
#include "workloads/model.h"
#include "workloads/step/tape.h"

namespace orrery::decoder {

struct Ends {
  std::string_view name;
  std::string_view sentence;
  void (*read)(yaml::Map&, DecoderModel&);  // the kind's own keys of a model file
  Int128 (*parameters)(const DecoderModel&);
  Weights (*first_weights)(const Shapes&);
  // `shares_weight`: the last product's weight is the embedding on this very rank.
  Weights (*last_weights)(const Shapes&, bool shares_weight);
  void (*first_forward)(const Shapes&, step::TapeWriter&);
  void (*first_backward)(const Shapes&, step::TapeWriter&);
  void (*last_forward)(const Shapes&, bool shares_weight, step::TapeWriter&);
  void (*last_backward)(const Shapes&, bool shares_weight, step::TapeWriter&);
  Bytes (*first_kept)(const Shapes&);  // from a microbatch's forward pass for its backward pass
  Bytes (*last_kept)(const Shapes&);
  Bytes (*last_buffers)(const Shapes&);    // what comes and goes within a pass: its widest gradients
  std::int64_t (*carried)(const Shapes&);  // elements that every stage reads beside the residual stream
};
using EndKinds = Registry<Ends>;

[[nodiscard]] const Ends& ends_of(const DecoderModel& model);

// Of kinds whose stages read the residual stream alone.
[[nodiscard]] inline std::int64_t nothing_carried(const Shapes&) { return 0; }

}  // namespace orrery::decoder
