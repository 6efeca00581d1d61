// Inputs that change nothing in a scenario are said, not swallowed.
#pragma once

#include <string>
#include <vector>

#include "sim/base/yaml.h"
#include "workloads/plan.h"

namespace orrery {

// One sentence for each key that the plan's mapping gives without any effect on this model, with its file and line.
[[nodiscard]] std::vector<std::string> unused_inputs(const yaml::Node& plan_node, const Plan& plan,
                                                     const DecoderModel& model);

}  // namespace orrery
