// What takes most of a step after ideal arithmetic, and the most that relieving it can gain.
#pragma once

#include <optional>

#include "sim/report/compute_work.h"
#include "sim/report/report.h"

namespace orrery {

// Candidates: exposed communication of each dimension, pipeline bubble, skew, host, delays, compute slowed by what runs
// beside it, recomputation, kernels that the HBM holds back, and what else keeps kernels from the matrix engine's peak.
// They may overlap (recomputation has kernels that the HBM holds back), so they don't sum to the step. The gain is an
// upper bound from the breakdown: half of what would go twice as fast, all of what would go away; never more is saved,
// as everything else only takes as long as before.
[[nodiscard]] std::optional<Report::Bottleneck> find_bottleneck(const Scenario& scenario, const Program& program,
                                                                const Placement& placement, const Breakdown& breakdown,
                                                                const ComputeWork& work, Duration step);

}  // namespace orrery
