// Which plans can compress their gradients.
#pragma once

#include <optional>

#include "workloads/plan.h"

namespace orrery {

// A plan's `gradient_compression:` against the rest of it: gradients are whole, and all there when they are reduced.
[[nodiscard]] std::optional<PlanFault> compression_fault(const Plan& plan, const DecoderModel& model);

}  // namespace orrery
