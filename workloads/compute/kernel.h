// One device kernel: its shape, and from the chip's mechanics how long it takes alone and what it draws.
#pragma once

#include <cstdint>
#include <string>

#include "topology/chip.h"

namespace orrery {

enum class KernelKind : std::uint8_t { kMatrix, kStream, kFlashAttention };

struct Kernel {
  std::string name;
  KernelKind kind = KernelKind::kStream;
  Precision precision = Precision::kBf16;
  // Matrix: `batch` products C[m×n] += A[m×k]·B[k×n].
  std::int64_t batch = 1;
  std::int64_t m = 0;
  std::int64_t n = 0;
  std::int64_t k = 0;
  // Stream (element-wise, normalisation, softmax, optimizer, copies): HBM bytes read and written, vector FLOPs.
  Bytes read;
  Bytes written;
  FlopCount vector_flops;
  FlopCount model_flops;     // what the model needs of it (0 when it is recomputation)
  FlopCount hardware_flops;  // what it executes
};

struct KernelCost {
  Duration duration;          // alone, the device-side gap included
  double matrix_seconds = 0;  // matrix engine at work
  Bytes hbm;
};

[[nodiscard]] KernelCost cost(const Kernel& kernel, const Chip& chip);

}  // namespace orrery
