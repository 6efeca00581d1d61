// A finite-difference model on a grid out of its model file: what each stage of a time step computes and moves a cell.
//
// A model file:
//
//     family: stencil
//     name: acoustic wave, 8th order
//     source: where the scheme and its counts are published
//     grid: [1024, 1024, 1024]       # cells of the whole domain along x, y, z
//     periodic: [x]                  # dimensions that close on themselves; [] or absent: edges with nobody beyond
//     whole: [z]                     # dimensions that aren't shared out, as sweeps run along them; absent: none
//     precision: fp32                # fp32 | fp64, on the vector engine
//     fields: 4                      # kept in memory, numbers a cell
//     stages:                        # of a time step, one after another
//       - name: wave
//         times: 1                   # sub-steps; 1 when absent
//         flops: 33                  # a cell
//         reads: 3                   # numbers a cell from HBM, those of neighbours found in cache
//         writes: 1
//         halo: 4                    # cells beyond its own that it reads along each dimension; 0 when absent
//         exchanged: 1               # fields whose halos are brought in before it; 0 when absent
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/yaml.h"
#include "topology/chip.h"

namespace orrery::stencil {

inline constexpr std::size_t kAxes = 3;
inline constexpr std::array<const char*, kAxes> kAxisNames = {"x", "y", "z"};
using Extent3 = std::array<std::int64_t, kAxes>;

struct Stage {
  std::string name;
  std::int64_t times = 1;
  double flops = 0;
  std::int64_t reads = 0;
  std::int64_t writes = 0;
  std::int64_t halo = 0;
  std::int64_t exchanged = 0;
};

struct Scheme {
  std::string name;
  std::string source;
  Extent3 grid{1, 1, 1};
  std::array<bool, kAxes> periodic{};
  std::array<bool, kAxes> whole{};
  Precision precision = Precision::kFp32;
  std::int64_t fields = 1;
  std::vector<Stage> stages;

  [[nodiscard]] double flops_a_cell() const;
};

// InputError at whatever is wrong.
[[nodiscard]] Scheme read_scheme(const yaml::Node& model);
// Three whole numbers of cells, as of `grid`.
[[nodiscard]] Extent3 read_cells(const yaml::Node& node);

}  // namespace orrery::stencil
