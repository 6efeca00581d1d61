// Which models and schedules adapters can stand in.
#pragma once

#include <optional>

#include "workloads/plan.h"

namespace orrery {

// A plan's `train:` against its model: a model of language that predicts one token, whose layers have the matrices
// named, and a schedule whose backward passes stay whole.
[[nodiscard]] std::optional<PlanFault> adapters_fault(const Plan& plan, const DecoderModel& model);

}  // namespace orrery
