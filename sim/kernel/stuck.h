// Why a run cannot finish: which ranks wait, at which op, for what.
#pragma once

#include <cstdint>
#include <string>

#include "sim/kernel/communicators.h"
#include "sim/kernel/disturbances.h"
#include "sim/kernel/engine.h"
#include "sim/kernel/plan.h"
#include "sim/kernel/slot.h"

namespace orrery::kernel {

struct Standstill {
  const Job& job;
  const RoutingMaker& routing;
  const Plan& plan;
  const Communicators& communicators;
  const Slots& slots;
  const Disturbances& disturbances;
  Time now;                // of the machine's clock
  std::uint64_t done = 0;  // ops, of
  std::uint64_t ops = 0;
};

// At most eight waits in words, causes first, and how many more there are.
[[nodiscard]] std::string describe_standstill(const Standstill& standstill);

}  // namespace orrery::kernel
