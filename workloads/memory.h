// What a rank must hold at its fullest, by category, against the chip's HBM.
#pragma once

#include <string>
#include <vector>

#include "topology/chip.h"
#include "workloads/plan.h"
#include "workloads/stack.h"

namespace orrery {

struct MemoryUse {
  struct Category {
    std::string name;  // "weights", "gradients", "optimizer", "activations", "buffers"
    Bytes bytes;
  };
  std::uint32_t stage = 0;  // the pipeline stage that needs most
  std::vector<Category> categories;
  Bytes capacity;
  Bytes host;  // what is offloaded to the host, the most of any stage, and its capacity; 0 where nothing is
  Bytes host_capacity;
  [[nodiscard]] Bytes total() const;
  [[nodiscard]] bool fits() const { return total() <= capacity && host <= host_capacity; }
};

// Of the stage that needs most, the first of them in a tie. Formulas: Korthikanti et al. 2022 (arXiv 2205.05198) for
// activations; Megatron-LM's accounting for states: with mixed precision a weight takes 2 bytes, its gradient 4 (fp32)
// and its optimizer state 12 (master weight and Adam's two moments; others' in optimizers/), ÷ (data × context) with
// ZeRO 1; with ZeRO 2 the gradient too, with ZeRO 3 the weight too. FP8 products read two more bytes of a weight, or
// one of two. `buffers` are what comes and goes: one layer under recomputation, a gathered input, logits, message
// buffers.
[[nodiscard]] MemoryUse memory_use(const DecoderModel& model, const Plan& plan, const Stack& stack, const Chip& chip);
[[nodiscard]] MemoryUse stage_memory(const DecoderModel& model, const Plan& plan, const Stack& stack, const Chip& chip,
                                     std::uint32_t stage);

// Kept by each rank from a layer's forward pass of one microbatch until its backward pass. For 16-bit multi-head GPTs
// (s tokens, b sequences, width h, a heads, t tensor ranks): s·b·h·(10 + 24/t + 5·a·s/(h·t)) in full, without the last
// term under selective recomputation, everything ÷ t under sequence parallelism, 2·s·b·h under full recomputation; s ÷
// context where sequences are shared out.
[[nodiscard]] Bytes layer_activations(const DecoderModel& model, const Plan& plan, const Stack& stack,
                                      std::int64_t layer = 0);

// "needs 93.1 GiB of 80 GiB; largest: activations 41.2 GiB; recompute: selective would fit" — the last clause names the
// cheapest single change to the plan that would fit, when there is one. Empty when it fits.
[[nodiscard]] std::string advice(const DecoderModel& model, const Plan& plan, const Stack& stack, const Chip& chip);

}  // namespace orrery
