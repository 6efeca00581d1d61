// Norms of every weight tensor and of its update or gradient: two numbers a tensor, summed over all that hold a part.
#pragma once

#include "workloads/optimizers/optimizer.h"
#include "workloads/step/tape.h"

namespace orrery {

// Over the tensor group, and over the replicas where they hold shares.
inline void reduce_layer_norms(const OptimizerWork& work, step::TapeWriter& tape) {
  const Bytes norms(2 * work.tensors * kStateBytes);
  tape.reduce(tape.groups().tensor, norms, "layer norms");
  if (work.replicas.sharded) tape.reduce(tape.groups().data, norms, "layer norms");
}

}  // namespace orrery
