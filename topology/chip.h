// A chip as its data sheet and microbenchmarks know it: engines, HBM, core and tile geometry, clocks, power, price.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/library.h"
#include "sim/base/units.h"

namespace orrery {

enum class Precision : std::size_t { kFp64, kFp32, kTf32, kBf16, kFp16, kFp8, kInt8, kFp4 };
inline constexpr std::size_t kPrecisionCount = 8;
[[nodiscard]] std::string_view to_name(Precision precision);  // "bf16"
[[nodiscard]] Bytes size_of(Precision precision);             // of one element; fp4 counts as 1 byte per 2: see bits_of
[[nodiscard]] int bits_of(Precision precision);

template <class T>
using PerPrecision = std::array<T, kPrecisionCount>;

// The output tile that one core (SM, CU, TensorCore) computes at a time in a matrix product.
struct Tile {
  int rows = 0;
  int columns = 0;
  // Fraction of the core's peak while the main loop of this tile runs (operand bandwidth from shared memory and
  // registers bounds small tiles).
  double efficiency = 1;
};

struct Hbm {
  int stacks = 1;
  Bytes capacity;
  Bandwidth bandwidth;       // as printed on the data sheet, reads and writes together
  double efficiency = 1;     // achieved by long streams ÷ printed
  Duration latency;          // of one access under load
  Bytes in_flight_per_core;  // most that one core keeps outstanding: with `latency` it bounds small kernels (Little's
                             // law)
};

struct Power {
  Watts idle;
  Watts limit;                             // TDP
  PerPrecision<double> joules_per_flop{};  // dynamic, on the matrix engine
  double joules_per_vector_flop = 0;       // dynamic, on the vector engine; 0: counted with the bytes that it works on
  double joules_per_hbm_byte = 0;
};

// Kernels of fused attention by their generation: FlashAttention-2, and what came after it for a chip
// (FlashAttention-3, cuDNN's).
enum class FlashGeneration : std::size_t { kSecond, kThird };

// What a generation's kernels reach one way on long sequences; 0: not known.
struct FlashPass {
  double share = 0;      // of the matrix peak, at a head width of 128
  Duration score_block;  // of 128 queries × 128 keys on a core: exponentials and rescaling, whatever the width is
  Duration fill;         // a block of queries' prologue and epilogue, beside its keys; backward at a head width of 128
};
struct FlashKernels {
  FlashPass forward;
  FlashPass backward;
};

// What a chip has of the processor that it hangs on, its fair share where several do.
struct Host {
  Bandwidth link;    // each way, to its memory; what else goes over it isn't counted
  Duration latency;  // of a copy
  Bytes memory;
  Bandwidth memory_bandwidth;  // reads and writes together
};

struct Chip {
  std::string name;
  int cores = 0;
  PerPrecision<FlopRate> matrix_peak{};  // dense; zero: the chip has no such path
  PerPrecision<FlopRate> vector_peak{};
  // Sustained ÷ boost clock under a long matrix load: what the power limit leaves of the peak.
  double sustained_clock = 1;
  std::vector<Tile> tiles;              // that its libraries choose from, at 16-bit operands
  std::array<FlashKernels, 2> flash{};  // by FlashGeneration
  int tile_depth = 64;                  // k elements (16-bit) per step of the main loop
  Duration tile_fill;  // prologue + epilogue of one tile: loads before the first and stores after the last step
  Hbm hbm;
  Bytes l2;
  Duration kernel_gap;  // device-side gap between dependent kernels of one stream, launches queued ahead
  Power power;
  Dollars price;  // 0: not sold, or not known
  std::optional<Host> host;
  std::string library;  // the communication library that runs on it, a name of sim/collective/libraries; may be empty
};

// A chip file is blocks of numbers, each with its unit and a `source` that names an entry of the file's `sources:` map;
// a block without one, or a source that nothing cites, is an InputError (topology/sources.h). topology/chips/*.yaml
// show every key. Optional: `price`, `host`, `flash_attention`, `energy_per_vector_flop` ({value: 2 pJ, source: …}),
// and in peaks and energies the precisions that the chip hasn't got.
[[nodiscard]] Chip read_chip(const yaml::Node& node);
[[nodiscard]] Chip load_chip(const Library& library, const yaml::Node& reference);

}  // namespace orrery
