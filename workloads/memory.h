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
  [[nodiscard]] Bytes total() const;
  [[nodiscard]] bool fits() const { return total() <= capacity; }
};

// Formulas: Korthikanti et al. 2022 (arXiv 2205.05198) for activations; Megatron-LM's accounting for states.
[[nodiscard]] MemoryUse memory_use(const DecoderModel& model, const Plan& plan, const Stack& stack, const Chip& chip);

// "needs 93.1 GiB of 80 GiB; largest: activations 41.2 GiB; recompute: selective would fit" — the last clause names the
// cheapest single change to the plan that would fit, when there is one. Empty when it fits.
[[nodiscard]] std::string advice(const DecoderModel& model, const Plan& plan, const Stack& stack, const Chip& chip);

}  // namespace orrery
