// In which order a rank that has one of each unit starts the nodes of its trace.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "workloads/chakra/node_reading.h"

namespace orrery::chakra {

struct Scheduled {
  std::uint64_t id = 0;
  Unit unit = Unit::kNothing;
  Duration expected;
  std::uint32_t first_dep = 0;  // into the list of dependencies
  std::uint32_t dep_count = 0;
};

// Plays the nodes by themselves: each takes as long as is expected once those that it depends on are over and its unit
// is free; of several that could start, the one with the least id does. What needs no unit starts at once. Returns
// indices of nodes in order of their start; those that depend on each other in a circle are missing.
// `deps`: indices of nodes.
[[nodiscard]] std::vector<std::uint32_t> list_schedule(std::span<const Scheduled> nodes,
                                                       std::span<const std::uint32_t> deps);

}  // namespace orrery::chakra
