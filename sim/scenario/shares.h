// Which part of a large job is built where the rest of it is like that part (sim/kernel/excerpt.h).
#pragma once

#include <cstdint>
#include <optional>

#include "workloads/plan.h"

namespace orrery {

struct Shares {
  std::uint32_t size = 0;  // of one: data-parallel replicas, that fill whole parts of the machine
  std::uint32_t built = 2;
  bool singled_out = false;  // something happens to the first: the second stands for all others

  [[nodiscard]] std::uint32_t built_replicas() const { return size * built; }
};

// Of a job that fills parts of `part_chips` chips from the first on. Nothing where it has too few shares to leave any
// out, where replicas are not outermost in its order, or where it is small enough for all of it to be built.
[[nodiscard]] std::optional<Shares> shares_of(const Plan& plan, std::uint64_t part_chips);

}  // namespace orrery
