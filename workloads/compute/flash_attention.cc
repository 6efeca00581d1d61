// Fused attention: scores never leave the core; blocks of queries run over all keys.
//
// Law. A block of kFlashBlock queries of one head is one unit of work; units fill the cores in waves. A unit runs at a
// share of its core's matrix rate, and no faster than the core takes exponentials of its scores: with heads half as
// wide a score has half the FLOPs, but the same exponential.
//
//     t    = gap + max( ⌈ units ÷ cores ⌉·(fill + unit), HBM seconds )
//     unit = max( its FLOPs ÷ (peak·share ÷ cores), its scores ÷ 128²·score block )
//
// Backward the fill grows with the width: it is mostly the adding up and putting in order of gradients. Share, score
// block and fill are the chip's for the generation of kernels that the stack has, or for an older one. Keys come in
// blocks, of which a mask may need a part: those are counted whole where the chip has a score block. Without one, and
// for a kernel that doesn't say its scores (decoding: a query of each head, whose keys are split over the cores), the
// share alone counts. For a chip that says nothing it is kShare of the sustained rate.
#include <algorithm>
#include <cmath>

#include "workloads/compute/hbm_time.h"
#include "workloads/compute/kernel.h"

namespace orrery {

namespace {
constexpr double kShare = 0.72;  // FlashAttention-2's on A100, forward
constexpr double kFillWidth = 128;

FlashPass pass_of(const Kernel& kernel, const Chip& chip) {
  for (auto generation = static_cast<std::size_t>(kernel.generation) + 1; generation-- > 0;) {
    const FlashKernels& known = chip.flash[generation];
    if (known.forward.share > 0) return kernel.backward ? known.backward : known.forward;
  }
  return {.share = chip.sustained_clock * kShare, .score_block = Duration(), .fill = Duration()};
}

}  // namespace

KernelCost flash_attention_cost(const Kernel& kernel, const Chip& chip) {
  const FlopRate peak = chip.matrix_peak[static_cast<std::size_t>(kernel.precision)];
  const FlashPass pass = pass_of(kernel, chip);
  const std::int64_t rows = (kernel.m + kFlashBlock - 1) / kFlashBlock;
  const auto units = static_cast<double>(kernel.batch * rows);
  const double cores = chip.cores;
  // Of a unit, the last of which may not be full.
  const double padding =
      static_cast<double>(rows * kFlashBlock) / static_cast<double>(std::max<std::int64_t>(kernel.m, 1));
  double flops = kernel.hardware_flops.count() * padding / units;
  double fill = 0;
  double seconds_of_scores = 0;
  if (pass.score_block > Duration() && kernel.scores > 0) {
    flops *= kernel.in_blocks;
    fill = pass.fill.in_seconds() * (kernel.backward ? static_cast<double>(kernel.n) / kFillWidth : 1);
    seconds_of_scores = kernel.scores * kernel.in_blocks * padding / units / (kFlashBlock * kFlashBlock) *
                        pass.score_block.in_seconds();
  }
  const double unit = std::max(flops / (peak.flops_per_second() * pass.share / cores), seconds_of_scores);
  const double compute = std::ceil(units / cores) * (fill + unit);
  const Bytes moved = kernel.read + kernel.written;
  const double seconds = std::max(compute, hbm_seconds(chip, moved, std::min(units, cores)));
  return {.duration = chip.kernel_gap + picoseconds_up(seconds),
          .matrix_seconds = seconds_for(kernel.hardware_flops, peak),
          .hbm = moved};
}

}  // namespace orrery
