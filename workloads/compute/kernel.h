// One device kernel: its shape, and from the chip's mechanics how long it takes alone and what it draws.
#pragma once

#include <cstdint>
#include <string>

#include "topology/chip.h"

namespace orrery {

enum class KernelKind : std::uint8_t { kMatrix, kStream, kFlashAttention };

// Fused attention takes so many queries of a head at a time, and so many keys.
inline constexpr std::int64_t kFlashBlock = 128;

struct Kernel {
  std::string name;
  KernelKind kind = KernelKind::kStream;
  Precision precision = Precision::kBf16;
  // Matrix: `batch` products C[m×n] += A[m×k]·B[k×n].
  // Flash attention: `batch` heads (× sequences) with m queries, k keys and head width n.
  std::int64_t batch = 1;
  std::int64_t m = 0;
  std::int64_t n = 0;
  std::int64_t k = 0;
  FlashGeneration generation =
      FlashGeneration::kThird;  // of flash attention's kernels, or the next older that is known
  bool backward = false;
  // Of flash attention: queries × keys whose scores are formed, and how many more are because keys come in whole
  // blocks.
  double scores = 0;
  double in_blocks = 1;
  // HBM bytes read and written. A stream kernel (element-wise, normalisation, softmax, optimizer, copy) is known by
  // these; for the other kinds they are what operands and results need once, and the kind adds what its tiling
  // re-reads.
  Bytes read;
  Bytes written;
  // Of the matrix engine's sustained rate: less than one where its library doesn't get as much of a precision's peak as
  // of the 16-bit ones'.
  double engine_share = 1;
  std::int64_t launches = 1;  // that the host queues: a batch may be as many kernels, side by side on the device
  double times = 1;  // that it runs: many alike one after the other, or a part where it runs in one of many steps
  FlopCount vector_flops;
  FlopCount model_flops;     // what the model needs of it each time (0 when it is recomputation)
  FlopCount hardware_flops;  // what it executes
};

struct KernelCost {
  Duration duration;          // alone, the device-side gap included
  double matrix_seconds = 0;  // FLOPs executed on the engine that the model is measured by ÷ its peak
  Bytes hbm;
};

// Of one time that it runs. Rounded up to whole picoseconds.
[[nodiscard]] KernelCost cost(const Kernel& kernel, const Chip& chip);

// The three kinds, each with its law at the head of its file.
[[nodiscard]] KernelCost matrix_cost(const Kernel& kernel, const Chip& chip);
[[nodiscard]] KernelCost stream_cost(const Kernel& kernel, const Chip& chip);
[[nodiscard]] KernelCost flash_attention_cost(const Kernel& kernel, const Chip& chip);

// A plain product of 2·batch·m·n·k FLOPs whose operands and result cross the HBM once.
[[nodiscard]] Kernel matrix_product(std::string name, Precision precision, std::int64_t batch, std::int64_t m,
                                    std::int64_t n, std::int64_t k);
[[nodiscard]] Kernel stream(std::string name, Bytes read, Bytes written);

}  // namespace orrery
