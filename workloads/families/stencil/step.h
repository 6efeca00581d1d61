// A time step of a finite-difference model: boxes of cells on ranks, halos exchanged between neighbours.
//
// Law. A stage streams `reads` numbers a cell from HBM and writes `writes`, its FLOPs run on the vector engine: it
// lasts as the slower of the two (the roofline), plus the device's gap. Before a stage that reads beyond its box, each
// rank sends `halo` layers of cells of the fields exchanged to both neighbours along each dimension that is shared out,
// all at once; edges and corners of a box aren't sent by themselves (a star needs none). With `overlap` the cells that
// read nothing from outside are computed meanwhile, then the rest. Along a periodic dimension the first box has the
// last as its neighbour, along others nobody stands beyond the edge. `data` copies of the model run side by side (the
// members of an ensemble, the shots of a survey) and have nothing to say to each other.
#pragma once

#include "sim/kernel/program.h"
#include "workloads/families/stencil/model.h"
#include "workloads/memory.h"
#include "workloads/stack.h"

namespace orrery::stencil {

struct Boxes {
  Extent3 cells{1, 1, 1};  // of the whole domain
  Extent3 ranks{1, 1, 1};  // along x, y, z
  std::int64_t data = 1;
  std::int64_t batch = 1;  // copies in all: batch ÷ data on the same ranks, one after another
  bool overlap = true;

  [[nodiscard]] std::int64_t ranks_in_all() const { return ranks[0] * ranks[1] * ranks[2] * data; }
  // Of the largest box.
  [[nodiscard]] Extent3 box() const;
};

// Grid: x (fastest), y, z, data. A role for each way to stand at edges of the domain.
[[nodiscard]] Program write_step(const Scheme& scheme, const Boxes& boxes, const Stack& stack, const Chip& chip);

// Fields of the largest box; buffers: the halos of the stage that exchanges most, out and in.
[[nodiscard]] MemoryUse memory_of(const Scheme& scheme, const Boxes& boxes, const Chip& chip);

}  // namespace orrery::stencil
