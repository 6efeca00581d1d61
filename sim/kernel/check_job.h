// Checks that a Program, a Placement and options fit the fabric they are to run on.
#pragma once

#include "sim/kernel/engine.h"

namespace orrery::kernel {

// RunError that says what doesn't fit.
void check_job(const Job& job, const RunOptions& options);

}  // namespace orrery::kernel
