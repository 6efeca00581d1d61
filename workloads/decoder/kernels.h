// Kernels by what they do to rows of activations: element-wise passes over HBM, and products of rows with a weight.
#pragma once

#include <string>

#include "workloads/compute/kernel.h"
#include "workloads/decoder/shapes.h"

namespace orrery::decoder {

// An element-wise or reducing pass over `elements`, with the HBM bytes that each takes.
[[nodiscard]] inline Kernel pass_over(std::string name, std::int64_t elements, std::int64_t read_each,
                                      std::int64_t written_each) {
  return stream(std::move(name), Bytes(elements * read_each), Bytes(elements * written_each));
}

// The framework's element-wise operators where it has nothing fused: a mask takes a byte an element.
inline constexpr std::int64_t kMaskBytes = 1;

// batch × C[m×n] = A[m×k]·B[k×n] in the stack's precision.
[[nodiscard]] inline Kernel product(std::string name, const Shapes& shapes, std::int64_t m, std::int64_t n,
                                    std::int64_t k, std::int64_t batch = 1) {
  return matrix_product(std::move(name), shapes.stack.compute, batch, m, n, k);
}

}  // namespace orrery::decoder
