// Distributed Shampoo: blocks of matrices preconditioned from both sides by roots of their gradients' statistics.
//
// Source: Gupta et al. 2018 (arXiv 1802.09568); Shi et al. 2023 (arXiv 2309.06497) and
// github.com/facebookresearch/optimizers. For a block of m×n: statistics L += G·Gᵀ and R += Gᵀ·G, 2m²n + 2mn² FLOPs,
// and the search direction L^(−1/4)·G·R^(−1/4), as many, in every step; roots by eigendecomposition, about 25(m³ + n³),
// once in `interval` steps. State: L, R, both roots, momentum and the second moment that its size is grafted from: 2(m²
// + n²)
// + 2mn. Blocks are dealt out over the replicas; without ZeRO all gather the search directions in every step, in fp32;
// with it they gather the weights that follow from them. Tables and vectors go by AdamW.
#include "workloads/optimizers/optimizer.h"
#include "workloads/step/tape.h"

namespace orrery {
namespace {

constexpr double kRootFlops = 25;

Bytes shampoo_state(const OptimizerWork& work) {
  std::int64_t elements = 2 * work.others;
  for (const WeightShape& block : work.matrices)
    elements += block.count * 2 * (block.rows * block.rows + block.columns * block.columns + block.size());
  return Bytes(kStateBytes * elements);
}

void shampoo_update(const OptimizerWork& work, step::TapeWriter& tape) {
  const std::int64_t elements = elements_of(work.matrices);
  for (const WeightShape& block : work.matrices) {
    const auto count = static_cast<double>(block.count);
    matrix_pass("statistics of rows", work.exact, count, block.rows, block.rows, block.columns, tape);
    matrix_pass("statistics of columns", work.exact, count, block.columns, block.columns, block.rows, tape);
    decomposition_pass("roots", count * work.rare(), block.rows, kRootFlops, tape);
    decomposition_pass("roots", count * work.rare(), block.columns, kRootFlops, tape);
    matrix_pass("precondition rows", work.exact, count, block.rows, block.columns, block.rows, tape);
    matrix_pass("precondition columns", work.exact, count, block.rows, block.columns, block.columns, tape);
  }
  element_pass("graft", elements, work.gradient + Bytes(3 * kStateBytes), Bytes(3 * kStateBytes), tape);
  const std::int64_t all = elements_of(work.all);
  if (!work.replicas.sharded) {
    const std::int64_t experts = expert_elements(work.all);
    over_replicas(CollectiveKind::kAllGather, Bytes(kStateBytes * (all - experts)), Bytes(kStateBytes * experts),
                  "search directions", tape);
  }
  element_pass("shampoo", work.replicas.sharded ? elements : all, Bytes(2 * kStateBytes), Bytes(kStateBytes), tape);
  adam_pass(work.others, work.gradient, tape);
}

const Optimizers::Entry kShampoo{
    {.name = "shampoo",
     .sentence = "blocks of matrices preconditioned by roots of their statistics, dealt out over replicas",
     .state = &shampoo_state,
     .update = &shampoo_update,
     .matrices = true,
     .deals = true,
     .interval = 100,
     .block = 8192,
     .cuts = true}};

}  // namespace
}  // namespace orrery
