// Adafactor: the second moment of a matrix as its row and column sums, and no first moment.
//
// Source: Shazeer and Stern 2018 (arXiv 1804.04235). Squares of the gradient are summed along rows and columns; the
// update is formed from these, its root mean square taken, and the weights moved by it. Where tensor ranks hold parts
// of a matrix, rows and columns are theirs alone but for the update's root mean square, a number a matrix.
#include "workloads/optimizers/optimizer.h"
#include "workloads/step/tape.h"

namespace orrery {
namespace {

std::int64_t sides(const OptimizerWork& work) {
  std::int64_t sum = 0;
  for (const WeightShape& shape : work.matrices) sum += (shape.rows + shape.columns) * shape.count;
  return sum;
}

Bytes adafactor_state(const OptimizerWork& work) { return Bytes(kStateBytes * (sides(work) + work.others)); }

void adafactor_update(const OptimizerWork& work, step::TapeWriter& tape) {
  const std::int64_t elements = elements_of(work.matrices) + work.others;
  element_pass("squares by row and column", elements, work.gradient, Bytes(0), tape);
  element_pass("moments", sides(work) + work.others, Bytes(kStateBytes), Bytes(kStateBytes), tape);
  element_pass("update size", elements, work.gradient, Bytes(0), tape);
  tape.reduce(tape.groups().tensor, Bytes(kStateBytes * work.tensors), "update size");
  element_pass("adafactor", elements, work.gradient + Bytes(kStateBytes), Bytes(kStateBytes), tape);
}

const Optimizers::Entry kAdafactor{{.name = "adafactor",
                                    .sentence = "second moments as sums of rows and columns: next to no state",
                                    .state = &adafactor_state,
                                    .update = &adafactor_update,
                                    .matrices = true,
                                    .tables = true}};

}  // namespace
}  // namespace orrery
