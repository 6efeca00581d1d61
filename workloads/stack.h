// A software stack's constants: which kernels it fuses, what it launches and communicates in, and what that costs.
//
// A constant here holds for every scenario that uses the stack; it has a source. Read from workloads/stacks/*.yaml.
#pragma once

#include <optional>
#include <string>

#include "sim/base/library.h"
#include "sim/base/units.h"
#include "sim/collective/communication_library.h"
#include "topology/chip.h"
#include "workloads/format.h"
#include "workloads/plan.h"
#include "workloads/precision_roles.h"

namespace orrery {

enum class Attention : std::uint8_t { kMaterialized, kFlash };

// What a stack runs as the framework's own element-wise operators, one after another, where a model has it.
struct Unfused {
  bool limits = false;         // clamps before a gated activation
  bool output_bias = false;    // of experts
  bool scaled_rotary = false;  // positions
};

struct Stack {
  std::string name;
  std::string source;
  Precision compute = Precision::kBf16;   // weights, activations and matrix products, but for what is in fp8
  Precision gradient = Precision::kFp32;  // accumulated and reduced over the data group
  bool fp8_products = false;              // of the layers' linear parts, not of attention's core, embedding or logits
  Format operands = *find_format("fp8");  // of such products: one in eight bits, or in four
  bool fp8_weights = false;               // theirs are kept and gathered so; else cast and transposed once a step
  double fp8_share = 1;  // of the matrix engine's rate in them, beside what 16-bit products get of theirs
  PrecisionRoles roles;
  Attention attention = Attention::kMaterialized;
  FlashGeneration flash = FlashGeneration::kThird;
  bool causal_skip = false;   // flash attention: blocks above the diagonal aren't computed
  bool fused_softmax = true;  // scale + mask + softmax in one kernel, which reads only what the mask leaves
  bool fused_bias_gelu = true;
  bool fused_bias_dropout_add = true;
  bool fused_cross_entropy = false;          // the loss in two passes over the logits, without a copy in fp32
  bool fused_gradient_accumulation = false;  // weight-gradient products add into the main gradient
  Unfused unfused;
  bool experts_apart = false;              // products of experts are a launch each, side by side on the device
  std::int64_t vocabulary_multiple = 128;  // × tensor: what the vocabulary is padded to a multiple of
  Duration host_per_kernel;                // host time to queue one kernel (eager framework)
  Duration host_per_message;               // host time to queue one communication op
  bool overlap_messages = false;           // pipeline sends and receives run beside compute
  bool host_sync_on_dispatch = false;      // the host waits for counts of rows before it queues what experts do
  bool host_sync_on_message = false;       // the host waits for each pipeline exchange before it queues more
  bool scatter_gather_messages =
      false;  // Megatron: 1/tp of the boundary tensor over each NIC, then all-gather in the node
  CommunicationCosts communication;
  std::string all_reduce = "ring";
  std::string all_gather = "ring";
  std::string reduce_scatter = "ring";
  std::string all_to_all = "pairwise";  // not in stack files: NCCL has one, of sends and receives
  std::string dispatch = "pairwise";    // of rows to experts and back

  // Of the layers' linear parts.
  [[nodiscard]] Precision products() const { return fp8_products ? operands.engine : compute; }
  // What the optimizer updates, and whether it is a copy beside the weights that are computed with.
  [[nodiscard]] Format master() const;
  [[nodiscard]] bool copies_master() const;
  [[nodiscard]] double products_share() const { return fp8_products ? fp8_share : 1; }
};

// A stack file, in blocks of which each cites an entry of `sources:`, as a chip's do:
//
//     name: Megatron-LM
//     source: which version of which software
//     precision: {compute: fp16, gradient: fp32, source: …}     # bf16 | fp16 | fp32
//         # optional: products: fp8 | fp8_block | mxfp8 | mxfp4 | nvfp4 (compute when absent), and with them
//         # weights: the same (compute when absent), fp8_share: 0.88; precisions by role (precision_roles.h)
//     kernels: {attention: materialized, …, source: …}          # the fields from `attention` to `vocabulary_multiple`;
//                                                               # optional: flash: second | third, experts_apart,
//                                                               # unfused: [limits, output_bias, scaled_rotary]
//     host: {per_kernel: 5 us, per_message: 20 us, source: …}           # optional: sync_on_dispatch: true
//     messages: {overlap: false, host_sync: true, scatter_gather: true, source: …}
//     collectives: {launch: 10 us, step: 1 us, engine_share: 0.1, hbm_per_byte: 1,
//                   all_reduce: ring, all_gather: ring, reduce_scatter: ring, source: …}   # or auto: the library's
//                   tuner; optional dispatch: pairwise, the all-to-all to experts
//     sources: {…}
[[nodiscard]] Stack read_stack(const yaml::Node& node);
[[nodiscard]] Stack load_stack(const Library& library, const yaml::Node& reference);

// Why the stack can't run on this chip: "NVIDIA A100 … computes no matrix products in fp32", if it can't.
[[nodiscard]] std::optional<std::string> stack_fault(const Stack& stack, const Chip& chip);
// Why it can't run this plan, if it can't: only flash attention works on a share of a sequence at a time.
[[nodiscard]] std::optional<std::string> stack_fault(const Stack& stack, const Plan& plan);

}  // namespace orrery
