// Matrix products: tiles in waves over the cores, pipeline fill over k, HBM traffic, the roofline as their limit.
//
// Law. The library cuts C (m×n, `batch` of them) into tiles of one size and may split k into s slices; cores take tiles
// in waves, so the last wave is as long as a full one (wave quantisation) and edges are computed in full (tile
// quantisation):
//
//     waves   = ⌈ batch·⌈m/rows⌉·⌈n/columns⌉·s ÷ cores ⌉
//     t_tile  = fill + 2·rows·columns·⌈k/s to whole steps⌉ ÷ (peak·clock·share·efficiency(tile) ÷ cores)
//     t       = gap + max( waves·t_tile, HBM seconds )
//
// where share is the kernel's engine_share, and it picks the tile and the split with the least t, as cuBLAS' heuristics
// try to. Splits are tried only while all slices still fit one wave; each slice but the first adds a partial sum that
// is written and read back in fp32. For tiles ≪ C and long k the law tends to the roofline max(FLOPs ÷ peak, bytes ÷
// bandwidth).
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "workloads/compute/hbm_time.h"
#include "workloads/compute/kernel.h"

namespace orrery {

namespace {

constexpr std::array<std::int64_t, 5> kSplits = {1, 2, 3, 4, 8};
constexpr std::int64_t kShortestSlice = 256;  // of k: below it the fill outweighs the gain
constexpr int kTileDepthBits = 16;            // Chip::tile_depth counts elements of this width

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace

KernelCost matrix_cost(const Kernel& kernel, const Chip& chip) {
  const auto precision = static_cast<std::size_t>(kernel.precision);
  const FlopRate peak = chip.matrix_peak[precision];
  const double core_rate = peak.flops_per_second() * chip.sustained_clock * kernel.engine_share / chip.cores;
  const std::int64_t depth =
      std::max<std::int64_t>(1, std::int64_t{chip.tile_depth} * kTileDepthBits / bits_of(kernel.precision));
  const Bytes operands = kernel.read + kernel.written;

  double best = std::numeric_limits<double>::infinity();
  Bytes best_moved = operands;
  for (const Tile& tile : chip.tiles) {
    const std::int64_t tiles = kernel.batch * ceil_div(kernel.m, tile.rows) * ceil_div(kernel.n, tile.columns);
    for (const std::int64_t split : kSplits) {
      if (split > 1 && (kernel.k / split < kShortestSlice || tiles * split > chip.cores)) break;
      const std::int64_t slice = ceil_div(ceil_div(kernel.k, split), depth) * depth;
      const std::int64_t waves = ceil_div(tiles * split, chip.cores);
      const double tile_flops =
          2.0 * static_cast<double>(tile.rows) * static_cast<double>(tile.columns) * static_cast<double>(slice);
      double compute =
          static_cast<double>(waves) * (chip.tile_fill.in_seconds() + tile_flops / (core_rate * tile.efficiency));
      Bytes moved = operands;
      if (split > 1) {
        const std::int64_t partial = kernel.batch * kernel.m * kernel.n * 4;
        moved += Bytes(2 * (split - 1) * partial);
        compute += chip.tile_fill.in_seconds();  // the pass that adds the partial sums
      }
      const double active = static_cast<double>(std::min<std::int64_t>(tiles * split, chip.cores));
      const double seconds = std::max(compute, hbm_seconds(chip, moved, active));
      if (seconds < best) {
        best = seconds;
        best_moved = moved;
      }
    }
  }
  return {.duration = chip.kernel_gap + picoseconds_up(best),
          .matrix_seconds = seconds_for(kernel.hardware_flops, peak),
          .hbm = best_moved};
}

}  // namespace orrery
