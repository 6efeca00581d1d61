// Who belongs to whom and who draws on what, as a graph for colour refinement.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/kernel/communicators.h"
#include "sim/kernel/fold/refinement.h"
#include "sim/kernel/lowering.h"

namespace orrery::kernel {

struct Incidence {
  LabelledGraph graph;
  std::size_t ranks = 0;              // the first vertices
  std::size_t communicators = 0;      // the next, those of one member included; then resources and messages
  std::vector<ResourceId> resources;  // by vertex; not valid() for what is none
};

[[nodiscard]] Incidence incidence_of(const Job& job, const RunOptions& options, const Communicators& communicators,
                                     Lowering& lowering, const Resources& resources);

}  // namespace orrery::kernel
