// Fused attention: scores never leave the core; blocks of queries run over all keys.
//
// Law. A block of kQueryRows queries of one head is one unit of work; units fill the cores in waves. A unit runs at the
// fraction kMatrixShare of its core's matrix rate, since exponentials and rescaling on the vector units share its time
// with the products:
//
//     t = gap + max( ⌈ units ÷ cores ⌉·unit FLOPs ÷ (peak·clock·kMatrixShare ÷ cores), HBM seconds )
//
// kMatrixShare: FlashAttention-2 reaches 220–230 of 312 TFLOP/s on A100 forward and 170–190 backward at head width 128
// (Dao 2023, arXiv 2307.08691, figures 4–6); FLOPs that causality skips are not counted there either.
#include <algorithm>
#include <cmath>

#include "workloads/compute/hbm_time.h"
#include "workloads/compute/kernel.h"

namespace orrery {

namespace {
constexpr std::int64_t kQueryRows = 128;
constexpr double kMatrixShare = 0.72;
}  // namespace

KernelCost flash_attention_cost(const Kernel& kernel, const Chip& chip) {
  const FlopRate peak = chip.matrix_peak[static_cast<std::size_t>(kernel.precision)];
  const std::int64_t rows = (kernel.m + kQueryRows - 1) / kQueryRows;
  const auto units = static_cast<double>(kernel.batch * rows);
  const double cores = chip.cores;
  const double padded = kernel.hardware_flops.count() * static_cast<double>(rows * kQueryRows) /
                        static_cast<double>(std::max<std::int64_t>(kernel.m, 1));
  const double core_rate = peak.flops_per_second() * chip.sustained_clock * kMatrixShare / cores;
  const double compute = std::ceil(units / cores) * (padded / units) / core_rate;
  const Bytes moved = kernel.read + kernel.written;
  const double seconds = std::max(compute, hbm_seconds(chip, moved, std::min(units, cores)));
  return {.duration = chip.kernel_gap + picoseconds_up(seconds),
          .matrix_seconds = seconds_for(kernel.hardware_flops, peak),
          .hbm = moved};
}

}  // namespace orrery
