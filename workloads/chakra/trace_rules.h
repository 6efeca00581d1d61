// By what rules nodes of others' traces become ops on a chip.
#pragma once

#include <string>

#include "sim/base/units.h"
#include "topology/chip.h"

namespace orrery::chakra {

// Compute lasts as long as was recorded (`duration_micros`), or where that isn't said, or `roofline` asks for it, the
// longer of `num_ops` FLOPs at the chip's matrix peak and `tensor_size` bytes through its HBM. What says neither takes
// no time. CPU ops last as recorded. Loads and stores are `tensor_size` bytes through the HBM, and queue with compute.
// `comm_size` of an all-gather or gather is what each member brings, of all else the whole input (as in ASTRA-sim).
struct NodeRules {
  const Chip* chip = nullptr;
  Precision precision = Precision::kBf16;  // of num_ops
  bool roofline = false;                   // num_ops and tensor_size before what was recorded
  Bandwidth link;                          // out of a chip
  std::string algorithm;                   // of collectives
};

}  // namespace orrery::chakra
