// The two simulators that run a workload, and what each says of it.
#pragma once

#include <vector>

#include "tools/bench/peers/workload.h"

namespace orrery::peers {

struct Outcome {
  double end = 0;            // seconds, of the last flow
  double cpu = 0;            // CPU seconds from the first start to the last end; the platform stands before
  std::vector<double> ends;  // of each flow of the last round
};
using Simulator = Outcome (*)(const Workload& workload);

[[nodiscard]] Outcome run_orrery(const Workload& workload);
[[nodiscard]] Outcome run_simgrid(const Workload& workload);

// Runs it in a process of its own: SimGrid has one platform a process, and neither shall find the other's warm memory.
// Throws std::runtime_error when the process fails.
[[nodiscard]] Outcome run_apart(Simulator simulator, const Workload& workload);

// Of this process, user and system.
[[nodiscard]] double cpu_seconds();

}  // namespace orrery::peers
