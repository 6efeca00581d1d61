// Data parallelism as families share it: gradients summed over replicas in buckets, then momentum SGD.
#pragma once

#include <cstdint>
#include <optional>

#include "workloads/families/plan_keys.h"
#include "workloads/memory.h"
#include "workloads/step/tape.h"

namespace orrery {

// Plan keys: `data` ranks, `batch` samples a step over all of them, `overlap_gradients` (true when absent), `bucket`.
struct DataParallel {
  std::int64_t data = 1;
  std::int64_t batch = 1;
  bool overlap_gradients = true;
  Bytes bucket{25 << 20};

  // InputError unless the batch divides; `samples`: what they are called.
  static DataParallel read(PlanKeys& keys, std::string_view samples);
  [[nodiscard]] std::int64_t samples_a_rank() const { return batch / data; }
  // Of gradients while a backward pass goes on; nothing where they wait for its end.
  [[nodiscard]] std::optional<step::Buckets> buckets(const Stack& stack) const;
};

// The end of a step, `weights` on this rank: what remains of the sum over the draft's group for buckets, then momentum
// SGD on master weights in fp32: v ← μ·v + g, w ← w − η·v, which reads g, v, w and writes v, w and the weights' copy in
// the stack's precision.
void update_by_momentum(step::TapeWriter& tape, const DataParallel& parallel, const Stack& stack, std::int64_t weights);

// Weights, gradients and the optimizer's state (a master copy unless all is fp32, and v) of that update; buckets.
[[nodiscard]] std::vector<MemoryUse::Category> momentum_memory(const Stack& stack, std::int64_t weights);

}  // namespace orrery
