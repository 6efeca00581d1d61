// The end of a step: gradients summed over replicas, checked and clipped, then the optimizer.
#pragma once

#include <functional>
#include <optional>

#include "workloads/compression/compressor.h"
#include "workloads/optimizers/optimizer.h"
#include "workloads/step/tape.h"

namespace orrery::step {

struct UpdatePlan {
  std::int64_t weights = 0;            // on this rank
  std::int64_t tensor_replicated = 0;  // of them: every tensor rank sums its own part of the gradient (0: not so)
  std::int64_t shared_embedding = 0;   // of them: shared with the stage at the other end of the pipeline
  Bytes stored;                        // of the weights
  Bytes gathered;                      // on the wire, likewise
  Bytes cast_read;                     // of them, what is cast to FP8 once a step
  Bytes cast;                          // and what that makes
  std::int64_t replicas = 1;           // that the same weights are sharded over, if they are
  std::int64_t expert_weights = 0;     // of the weights: by fewer replicas
  std::int64_t expert_replicas = 1;    // by so many
  Bytes expert_stored;                 // of them, of what is stored
  Bytes expert_gathered;               // and of what is gathered
  bool shard_optimizer = false;        // ZeRO 1, 2, 3
  bool shard_gradients = false;        // ZeRO 2, 3
  bool gradients_reduced = false;      // over the data group, during the backward pass
  std::optional<GroupSpecId> mirror;   // stages that hold the same weights, each a copy of the model's
  bool alone = false;                  // the stage updates without hearing of the others' gradients
  const Optimizer* optimizer = nullptr;
  OptimizerWork work;
  LocalSgd local_sgd;
  const Compressor* compressor = nullptr;  // of gradients; null: they are summed as they are
  CompressionWork compression;
  bool on_host = false;        // updated by the host, with whom state and master weights lie
  bool gather_weights = true;  // after the update, of a sharded optimizer

  // Of these weights, what this rank updates: its share of a sharded optimizer.
  [[nodiscard]] std::int64_t own_weights() const { return shard_optimizer ? share_of_weights() : weights; }
  // What would be its share.
  [[nodiscard]] std::int64_t share_of_weights() const {
    return (weights - expert_weights + replicas - 1) / replicas +
           (expert_weights + expert_replicas - 1) / expert_replicas;
  }
};

// Before the first pass: gradients are zeroed, weights cast; gathers begin if they overlap passes.
// `gather_first` writes those.
[[nodiscard]] Tape prologue(Draft& draft, const UpdatePlan& plan, const std::function<void(TapeWriter&)>& gather_first);
// Source: Megatron-LM's train_step: gradients of weights that tensor ranks hold in common are summed over them (under
// sequence parallelism), then all over the data group, then the shared embedding's over both ends of the pipeline; fp16
// gradients are unscaled and checked; their norm is taken over the replica and clipped; the optimizer reads and writes
// master weights and its state in fp32 (optimizers/) and the weights are rewritten. ZeRO 1 (Rajbhandari et al. 2020,
// arXiv 1910.02054): each replica is given the sum of its share only, updates that, and gathers the rest: here, or
// beside the next step's first passes. ZeRO 2 keeps gradients of the share alone, which the backward passes have
// scattered.
[[nodiscard]] Tape epilogue(Draft& draft, const UpdatePlan& plan);

}  // namespace orrery::step
