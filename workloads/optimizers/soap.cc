// SOAP: Adam in the eigenbasis of Shampoo's statistics.
//
// Source: Vyas et al. 2024 (arXiv 2409.11321), steps as in github.com/nikhilvyas/SOAP: statistics, projection of the
// gradient into the basis and of the update out of it, 2m²n + 2mn² FLOPs each, in every step; one power step, 2m³ +
// 2n³, and a QR decomposition, 8/3·(m³ + n³) with Q formed, once in `interval` steps. State: L, R, both bases and two
// moments: 2(m² + n²) + 2mn. A side longer than `block` has no statistics and no basis. Nothing is dealt out without
// ZeRO: the authors' code has no distributed form. Tables and vectors go by AdamW.
#include "workloads/optimizers/optimizer.h"

namespace orrery {
namespace {

constexpr double kQrFlops = 8.0 / 3;

// 0 where the side has no basis.
std::int64_t basis_side(const OptimizerWork& work, std::int64_t side) { return side > work.choice.block ? 0 : side; }

Bytes soap_state(const OptimizerWork& work) {
  std::int64_t elements = 2 * work.others;
  for (const WeightShape& shape : work.matrices) {
    const std::int64_t rows = basis_side(work, shape.rows);
    const std::int64_t columns = basis_side(work, shape.columns);
    elements += shape.count * 2 * (rows * rows + columns * columns + shape.size());
  }
  return Bytes(kStateBytes * elements);
}

void soap_update(const OptimizerWork& work, step::TapeWriter& tape) {
  for (const WeightShape& shape : work.matrices) {
    const auto count = static_cast<double>(shape.count);
    for (const bool by_rows : {true, false}) {
      const std::int64_t side = basis_side(work, by_rows ? shape.rows : shape.columns);
      if (side == 0) continue;
      const std::int64_t other = by_rows ? shape.columns : shape.rows;
      matrix_pass("statistics", work.exact, count, side, side, other, tape);
      matrix_pass("project and back", work.exact, 2 * count, side, other, side, tape);
      matrix_pass("power step", work.exact, count * work.rare(), side, side, side, tape);
      decomposition_pass("qr", count * work.rare(), side, kQrFlops, tape);
    }
  }
  adam_pass(elements_of(work.matrices) + work.others, work.gradient, tape);
}

const Optimizers::Entry kSoap{
    {.name = "soap",
     .sentence = "Adam in the eigenbasis of Shampoo's statistics, turned by a power step at times",
     .state = &soap_state,
     .update = &soap_update,
     .matrices = true,
     .interval = 10,
     .block = 10000}};

}  // namespace
}  // namespace orrery
