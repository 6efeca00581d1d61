// Checks that Programs, Placements and options fit the fabric they are to run on, and each other.
#pragma once

#include "sim/kernel/engine.h"

namespace orrery::kernel {

// RunError that says what doesn't fit.
void check_tenants(std::span<const Tenant> tenants, const RunOptions& options);

}  // namespace orrery::kernel
