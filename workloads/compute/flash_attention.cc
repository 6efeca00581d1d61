// Fused attention: scores never leave the core; blocks of queries run over all keys.
//
// Law. A block of kQueryRows queries of one head is one unit of work; units fill the cores in waves. A unit runs at a
// share of its core's matrix rate, since exponentials and rescaling on the vector units share its time with the
// products, and backward the passing on of gradients:
//
//     t = gap + max( ⌈ units ÷ cores ⌉·unit FLOPs ÷ (peak·share ÷ cores), HBM seconds )
//
// The share is the chip's for the generation of kernels that the stack has, or for an older one; for a chip that says
// none it is kShare of the sustained rate. FLOPs that causality skips are not counted where shares were measured
// either.
#include <algorithm>
#include <cmath>

#include "workloads/compute/hbm_time.h"
#include "workloads/compute/kernel.h"

namespace orrery {

namespace {
constexpr std::int64_t kQueryRows = 128;
constexpr double kShare = 0.72;  // FlashAttention-2's on A100, forward

double share_of(const Kernel& kernel, const Chip& chip) {
  for (auto generation = static_cast<std::size_t>(kernel.generation) + 1; generation-- > 0;) {
    const FlashShares& known = chip.flash[generation];
    if (known.forward > 0) return kernel.backward ? known.backward : known.forward;
  }
  return chip.sustained_clock * kShare;
}

}  // namespace

KernelCost flash_attention_cost(const Kernel& kernel, const Chip& chip) {
  const FlopRate peak = chip.matrix_peak[static_cast<std::size_t>(kernel.precision)];
  const std::int64_t rows = (kernel.m + kQueryRows - 1) / kQueryRows;
  const auto units = static_cast<double>(kernel.batch * rows);
  const double cores = chip.cores;
  const double padded = kernel.hardware_flops.count() * static_cast<double>(rows * kQueryRows) /
                        static_cast<double>(std::max<std::int64_t>(kernel.m, 1));
  const double core_rate = peak.flops_per_second() * share_of(kernel, chip) / cores;
  const double compute = std::ceil(units / cores) * (padded / units) / core_rate;
  const Bytes moved = kernel.read + kernel.written;
  const double seconds = std::max(compute, hbm_seconds(chip, moved, std::min(units, cores)));
  return {.duration = chip.kernel_gap + picoseconds_up(seconds),
          .matrix_seconds = seconds_for(kernel.hardware_flops, peak),
          .hbm = moved};
}

}  // namespace orrery
