// What tensor ranks and ranks of experts demand of a model that they share out, in training as in inference.
#pragma once

#include <optional>

#include "workloads/model.h"
#include "workloads/plan.h"

namespace orrery {

// The first fault: heads, groups of a scan or columns that don't divide, experts that can't be dealt out so.
[[nodiscard]] std::optional<PlanFault> share_fault(const Plan& plan, const DecoderModel& model);

}  // namespace orrery
