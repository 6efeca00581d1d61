// Chooses the law for a kernel's kind, and makes the two commonest kinds from their shapes.
#include "workloads/compute/kernel.h"

#include <utility>

namespace orrery {

KernelCost cost(const Kernel& kernel, const Chip& chip) {
  switch (kernel.kind) {
    case KernelKind::kMatrix:
      return matrix_cost(kernel, chip);
    case KernelKind::kFlashAttention:
      return flash_attention_cost(kernel, chip);
    case KernelKind::kStream:
      break;
  }
  return stream_cost(kernel, chip);
}

Kernel matrix_product(std::string name, Precision precision, std::int64_t batch, std::int64_t m, std::int64_t n,
                      std::int64_t k) {
  const auto elements = [batch, precision](std::int64_t rows, std::int64_t columns) {
    const Int128 bits = static_cast<Int128>(batch) * rows * columns * bits_of(precision);
    return Bytes(divide(bits, 8, Rounding::kUp));
  };
  Kernel kernel;
  kernel.name = std::move(name);
  kernel.kind = KernelKind::kMatrix;
  kernel.precision = precision;
  kernel.batch = batch;
  kernel.m = m;
  kernel.n = n;
  kernel.k = k;
  kernel.read = elements(m, k) + elements(k, n);
  kernel.written = elements(m, n);
  const double flops =
      2.0 * static_cast<double>(batch) * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
  kernel.model_flops = FlopCount(flops);
  kernel.hardware_flops = FlopCount(flops);
  return kernel;
}

Kernel stream(std::string name, Bytes read, Bytes written) {
  Kernel kernel;
  kernel.name = std::move(name);
  kernel.read = read;
  kernel.written = written;
  return kernel;
}

}  // namespace orrery
