// Kernels that stream through HBM: element-wise, normalisation, softmax, optimizer, copies.
//
// Law: t = gap + max(HBM seconds of (read + written) by Little's law, vector FLOPs ÷ vector peak). Such kernels run on
// every core as soon as there is a block for each; a block handles kBlockBytes. Vector FLOPs are in FP32, or in FP64
// where the kernel says so.
#include <algorithm>
#include <cmath>

#include "workloads/compute/hbm_time.h"
#include "workloads/compute/kernel.h"

namespace orrery {

namespace {
// Bytes that one thread block of a streaming kernel moves: 256 threads × 16-byte vectors × 4.
constexpr double kBlockBytes = 16384;
}  // namespace

KernelCost stream_cost(const Kernel& kernel, const Chip& chip) {
  const Bytes moved = kernel.read + kernel.written;
  const double cores = std::clamp(std::ceil(moved.as_double() / kBlockBytes), 1.0, static_cast<double>(chip.cores));
  double seconds = hbm_seconds(chip, moved, cores);
  const Precision precision = kernel.precision == Precision::kFp64 ? Precision::kFp64 : Precision::kFp32;
  const FlopRate vector = chip.vector_peak[static_cast<std::size_t>(precision)];
  if (vector > FlopRate()) {
    seconds = std::max(seconds, seconds_for(kernel.vector_flops, vector) / chip.sustained_clock);
  }
  // FLOPs that the model needs of the vector engine keep that one busy.
  const double engine = vector > FlopRate() ? seconds_for(kernel.hardware_flops, vector) : 0;
  return {.duration = chip.kernel_gap + picoseconds_up(seconds), .matrix_seconds = engine, .hbm = moved};
}

}  // namespace orrery
