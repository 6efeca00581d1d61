// Muon: the momentum of a matrix made orthogonal by five Newton–Schulz steps.
//
// Source: Jordan et al. 2024, github.com/KellerJordan/Muon; Liu et al. 2025, Moonlight (arXiv 2502.16982). A step is A
// = X·Xᵀ, B = b·A + c·A², X = a·X + B·X in bf16 on the momentum divided by its norm, X transposed where it has more
// rows than columns: 5·(4m²n + 2m³) FLOPs for an m×n matrix, m ≤ n. Tables and vectors go by AdamW. With ZeRO 1 a
// replica has whole matrices of its own, dealt out in turn (Megatron-LM's layer-wise distributed optimizer, dist_muon),
// so gradients and weights travel as under Adam; without, every replica makes every matrix orthogonal.
#include <algorithm>

#include "workloads/optimizers/optimizer.h"

namespace orrery {
namespace {

constexpr double kSteps = 5;

Bytes muon_state(const OptimizerWork& work) {
  return Bytes(kStateBytes * elements_of(work.matrices) + 2 * kStateBytes * work.others);
}

void muon_update(const OptimizerWork& work, step::TapeWriter& tape) {
  const std::int64_t elements = elements_of(work.matrices);
  const Bytes product = size_of(work.fast);
  element_pass("momentum", elements, work.gradient + Bytes(kStateBytes), Bytes(kStateBytes) + product, tape);
  element_pass("divide by norm", elements, product * 2, product, tape);
  for (const WeightShape& shape : work.matrices) {
    const std::int64_t m = std::min(shape.rows, shape.columns);
    const std::int64_t n = std::max(shape.rows, shape.columns);
    const double times = kSteps * static_cast<double>(shape.count);
    matrix_pass("newton-schulz A", work.fast, times, m, m, n, tape);
    matrix_pass("newton-schulz B", work.fast, times, m, m, m, tape);
    matrix_pass("newton-schulz X", work.fast, times, m, n, m, tape);
  }
  element_pass("muon", elements, product + Bytes(kStateBytes), Bytes(kStateBytes), tape);
  adam_pass(work.others, work.gradient, tape);
}

const Optimizers::Entry kMuon{
    {.name = "muon",
     .sentence = "momentum of matrices made orthogonal by five Newton-Schulz steps; the rest by AdamW",
     .state = &muon_state,
     .update = &muon_update,
     .matrices = true}};

}  // namespace
}  // namespace orrery
