// Two tapes played at once: each one's exchanges with experts run beside the other's kernels.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/step/tape.h"

namespace orrery::step {

// Which tape goes on, op by op: 0 the first, 1 the second; each tape's ops stay in their order. A tape goes on until
// what comes next in it waits for an exchange with experts that it began; then the other one does, as long as it has
// ops left.
[[nodiscard]] std::vector<std::uint8_t> weave(const Tape& first, const Tape& second);

}  // namespace orrery::step
