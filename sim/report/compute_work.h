// What the segments of a Program add up to, alone on the chip: where compute time goes before anything disturbs it.
#pragma once

#include <vector>

#include "sim/kernel/program.h"
#include "topology/chip.h"

namespace orrery {

// Seconds; mean over ranks, but for `matrix_of_role`.
struct ComputeWork {
  double alone = 0;   // all of it, nothing beside it
  double matrix = 0;  // FLOPs at the matrix engine's peak
  double memory = 0;  // HBM bytes at the rate of long streams
  // Of `alone`: a segment's share of FLOPs that the model doesn't need, all of one without FLOPs in the recompute
  // phase.
  double recompute = 0;
  // What is left of each segment after its matrix seconds, up to the memory seconds: at most so much goes to kernels
  // that the HBM holds back.
  double memory_bound = 0;
  std::vector<double> matrix_of_role;  // of one rank
};

[[nodiscard]] ComputeWork compute_work(const Program& program, const Chip& chip);

}  // namespace orrery
