// PowerSGD: each matrix of gradients as the product of two narrow ones.
//
// Law. M = G + what the last step left out, n×m. P = M·Q, summed over the replicas and made orthogonal (Gram–Schmidt,
// 2·n·r² FLOPs); Q = Mᵀ·P, summed; P·Qᵀ stands for the sum, M − P·Qᵀ is left for the next step. So r·(n + m) numbers
// travel instead of n·m, for three products of 2·n·m·r FLOPs. Vectors are summed as they are.
//
// Source: Vogels, Karimireddy and Jaggi 2019 (arXiv 1905.13727), algorithms 1 and 2, with one step of the power method
// that begins with the last step's Q; PyTorch's powerSGD_hook.
#include <algorithm>

#include "workloads/compression/compressor.h"
#include "workloads/optimizers/optimizer.h"
#include "workloads/step/tape.h"

namespace orrery {
namespace {

bool factors(const WeightShape& shape, std::int64_t rank) {
  return shape.kind != WeightKind::kVector && rank * (shape.rows + shape.columns) < shape.size();
}

Bytes powersgd_memory(const CompressionWork& work) {
  Bytes bytes;
  for (const WeightShape& shape : work.shapes)
    if (factors(shape, work.choice.rank))
      bytes += work.gradient * (shape.elements() + shape.count * work.choice.rank * shape.columns);
  return bytes;
}

void powersgd_reduce(const CompressionWork& work, step::TapeWriter& tape) {
  const std::int64_t rank = work.choice.rank;
  const Bytes one = work.gradient;
  std::int64_t whole = 0;
  std::int64_t left = 0;   // numbers of all P
  std::int64_t right = 0;  // and of all Q
  std::int64_t factored = 0;
  for (const WeightShape& shape : work.shapes) {
    if (!factors(shape, rank)) {
      whole += shape.elements();
      continue;
    }
    factored += shape.elements();
    left += shape.count * shape.rows * rank;
    right += shape.count * shape.columns * rank;
  }
  const auto each = [&](const char* name, auto product) {
    for (const WeightShape& shape : work.shapes)
      if (factors(shape, rank)) product(name, shape, static_cast<double>(shape.count));
  };
  over_replicas(CollectiveKind::kAllReduce, one * whole, Bytes(0), "gradients of vectors", tape);
  element_pass("add what was left out", factored, one * 2, one, tape);
  each("powersgd P", [&](const char* name, const WeightShape& shape, double count) {
    matrix_pass(name, work.products, count, shape.rows, rank, shape.columns, tape);
  });
  over_replicas(CollectiveKind::kAllReduce, one * left, Bytes(0), "powersgd P", tape);
  each("orthogonalise", [&](const char* name, const WeightShape& shape, double count) {
    Kernel kernel = stream(name, one * (shape.rows * rank), one * (shape.rows * rank));
    kernel.vector_flops = kernel.hardware_flops =
        FlopCount(2.0 * static_cast<double>(shape.rows) * static_cast<double>(rank * rank));
    kernel.times = count;
    tape.run(std::move(kernel));
  });
  each("powersgd Q", [&](const char* name, const WeightShape& shape, double count) {
    matrix_pass(name, work.products, count, shape.columns, rank, shape.rows, tape);
  });
  over_replicas(CollectiveKind::kAllReduce, one * right, Bytes(0), "powersgd Q", tape);
  each("powersgd sum", [&](const char* name, const WeightShape& shape, double count) {
    matrix_pass(name, work.products, count, shape.rows, shape.columns, rank, tape);
  });
  element_pass("leave out", factored, one * 2, one, tape);
}

const Compressors::Entry kPowerSgd{{.name = "powersgd",
                                    .sentence = "each matrix as two narrow ones, found by a step of the power method",
                                    .memory = &powersgd_memory,
                                    .reduce = &powersgd_reduce,
                                    .ranked = true}};

}  // namespace
}  // namespace orrery
