// A SimAI workload → the Program of its ranks, all of which do the same.
//
// Law (Workload.cc, iterate_hybrid_parallel_Transformer_fwd_in_bckwd). Forward: each layer computes, then its
// collective is waited for. Backward, from the last layer to the first: a layer that starts a replay first runs forward
// passes again, from the last checkpoint at or before it up to the layer before it; then the gradient of inputs, whose
// collective is waited for; then that of weights, whose collective isn't. After a collective of weights its layer's
// update takes its time. The step is over when all that is.
//
// Ranks (MockNcclGroup.cc): tensor groups are neighbours, pipeline stages come next, then data ranks, of which `ep`
// neighbours share experts. The text holds no messages between stages: as in SimAI, all ranks play all lines.
#pragma once

#include <string>
#include <vector>

#include "sim/kernel/program.h"
#include "workloads/simai/workload_text.h"

namespace orrery::simai {

struct WorkloadProgram {
  Program program;
  std::vector<std::string> warnings;  // what in the text changed nothing
};

[[nodiscard]] WorkloadProgram program_of(const Workload& workload, const std::string& algorithm);

}  // namespace orrery::simai
