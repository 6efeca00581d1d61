// A software stack's constants: which kernels it fuses, what it launches and communicates in, and what that costs.
//
// A constant here holds for every scenario that uses the stack; it has a source. Read from workloads/stacks/*.yaml.
#pragma once

#include <string>

#include "sim/base/library.h"
#include "sim/base/units.h"
#include "sim/collective/lower.h"
#include "topology/chip.h"

namespace orrery {

enum class Attention : std::uint8_t { kMaterialized, kFlash };

struct Stack {
  std::string name;
  std::string source;
  Precision compute = Precision::kBf16;   // weights, activations and matrix products
  Precision gradient = Precision::kFp32;  // accumulated and reduced over the data group
  Attention attention = Attention::kMaterialized;
  bool causal_skip = false;   // blocks above the diagonal aren't computed
  bool fused_softmax = true;  // scale + mask + softmax in one kernel
  bool fused_bias_gelu = true;
  bool fused_bias_dropout_add = true;
  bool fused_gradient_accumulation = false;  // weight-gradient products add into the main gradient
  Duration host_per_kernel;                  // host time to queue one kernel (eager framework)
  Duration host_per_message;                 // host time to queue one communication op
  bool overlap_messages = false;             // pipeline sends and receives run beside compute
  bool host_sync_on_message = false;         // the host waits for each pipeline exchange before it queues more
  bool scatter_gather_messages =
      false;  // Megatron: 1/tp of the boundary tensor over each NIC, then all-gather in the node
  CommunicationCosts communication;
  std::string all_reduce = "ring";
  std::string all_gather = "ring";
  std::string reduce_scatter = "ring";
};

[[nodiscard]] Stack read_stack(const yaml::Node& node);
[[nodiscard]] Stack load_stack(const Library& library, const yaml::Node& reference);

}  // namespace orrery
