// Precisions by role: what is kept, updated and sent in other formats than the stack computes in.
#pragma once

#include <optional>

#include "sim/base/yaml.h"
#include "workloads/format.h"

namespace orrery {

// Absent: as without the key. What is packed, and unpacked where it is used, is so in passes of their own.
struct PrecisionRoles {
  std::optional<Format> activations;  // inputs of linear layers, kept for the backward pass; else as products read them
  std::optional<Format> master;       // weights that the optimizer updates; else fp32, beside narrower weights
  // On the wire:
  std::optional<Format> gradients;  // over replicas, summed in `gradient` (as DeepSpeed's communication_data_type)
  std::optional<Format> weights;    // of layers' linear parts, gathered by ZeRO
  std::optional<Format> tensor;     // of layers' linear parts: rows gathered and summed over the tensor group
  // Rows to experts and gradients of their outputs; rows from experts and gradients of their inputs. DeepSeek-V3 sends
  // the first in fp8 and the second in bf16 (arXiv 2412.19437, section 3.3.3).
  std::optional<Format> dispatch;
  std::optional<Format> combine;

  [[nodiscard]] bool any() const {
    return activations || master || gradients || weights || tensor || dispatch || combine;
  }
};

// The optional keys of a stack's precision block:
//
//     activations: fp8_block
//     master: fp32 | fp16 | bf16
//     wire: {gradients: bf16, weights: fp8, tensor: fp8, dispatch: fp8_block, combine: bf16}     # each optional
//
// each a format of format.h: bf16 | fp16 | fp32, or, but for master, a narrow one.
[[nodiscard]] PrecisionRoles read_precision_roles(yaml::Map& precision);

}  // namespace orrery
