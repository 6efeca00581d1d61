// K-FAC: gradients preconditioned by inverses of factors, the second moments of what layers read and are given back.
//
// Source: Martens and Grosse 2015 (arXiv 1503.05671), shared out as by Pauloski et al. 2021, KAISA (arXiv 2107.01739).
// For an m×n matrix: factors of m² and n² from T tokens, 2T(m² + n²) FLOPs, all-reduced over the replicas, once in
// kFactorInterval steps; their inverses, 2(m³ + n³), once in `interval` steps, dealt out over the replicas and
// gathered; two products with the gradient, 2m²n + 2mn², in every step. T is a microbatch's: from all tokens of a step
// the factors alone would cost as much as training. State: factors and inverses, 2(m² + n²), and momentum. Tables and
// vectors go by AdamW.
#include "workloads/optimizers/optimizer.h"
#include "workloads/step/tape.h"

namespace orrery {
namespace {

constexpr double kInverseFlops = 2;
constexpr std::int64_t kFactorInterval = 10;  // steps

// Of the experts' matrices, or of all others'.
std::int64_t factor_elements(std::span<const WeightShape> shapes, bool experts) {
  std::int64_t elements = 0;
  for (const WeightShape& shape : shapes)
    if (shape.experts == experts) elements += shape.count * (shape.rows * shape.rows + shape.columns * shape.columns);
  return elements;
}

// Of work done once in kFactorInterval steps.
double factor_share(const OptimizerWork& work) {
  if (work.choice.step == ShownStep::kPlain) return 0;
  return work.choice.step == ShownStep::kExpensive ? 1 : 1.0 / kFactorInterval;
}

Bytes share_of_bytes(std::int64_t elements, double share) {
  return Bytes(static_cast<std::int64_t>(static_cast<double>(kStateBytes * elements) * share));
}

// Every replica keeps all factors and inverses, and with ZeRO the momentum of its own matrices.
Bytes kfac_state(const OptimizerWork& work) {
  const std::int64_t momenta = elements_of(work.replicas.sharded ? work.matrices : work.all);
  return Bytes(kStateBytes *
               (2 * (factor_elements(work.all, false) + factor_elements(work.all, true)) + momenta + 2 * work.others));
}

void kfac_update(const OptimizerWork& work, step::TapeWriter& tape) {
  const auto replicas = [&](CollectiveKind kind, double share, std::string_view name) {
    over_replicas(kind, share_of_bytes(factor_elements(work.all, false), share),
                  share_of_bytes(factor_elements(work.all, true), share), name, tape);
  };
  for (const WeightShape& shape : work.all) {
    const double times = static_cast<double>(shape.count) * factor_share(work);
    matrix_pass("factor", work.fast, times, shape.rows, shape.rows, work.tokens, tape);
    matrix_pass("factor", work.fast, times, shape.columns, shape.columns, work.tokens, tape);
  }
  replicas(CollectiveKind::kAllReduce, factor_share(work), "factors");
  for (const WeightShape& shape : work.matrices) {
    const double times = static_cast<double>(shape.count) * work.rare();
    decomposition_pass("inverse", times, shape.rows, kInverseFlops, tape);
    decomposition_pass("inverse", times, shape.columns, kInverseFlops, tape);
  }
  replicas(CollectiveKind::kAllGather, work.rare(), "inverses");
  const std::vector<WeightShape>& updated = work.replicas.sharded ? work.matrices : work.all;
  for (const WeightShape& shape : updated) {
    const auto count = static_cast<double>(shape.count);
    matrix_pass("precondition rows", work.exact, count, shape.rows, shape.columns, shape.rows, tape);
    matrix_pass("precondition columns", work.exact, count, shape.rows, shape.columns, shape.columns, tape);
  }
  element_pass("k-fac", elements_of(updated), Bytes(3 * kStateBytes), Bytes(2 * kStateBytes), tape);
  adam_pass(work.others, work.gradient, tape);
}

const Optimizers::Entry kKfac{
    {.name = "kfac",
     .sentence = "gradients preconditioned by inverses of two factors a matrix, shared out over replicas",
     .state = &kfac_state,
     .update = &kfac_update,
     .matrices = true,
     .deals = true,
     .interval = 100}};

}  // namespace
}  // namespace orrery
