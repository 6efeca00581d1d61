// Inputs that change nothing in a scenario are said, not swallowed.
#pragma once

#include <string>
#include <vector>

#include "sim/base/yaml.h"
#include "topology/cost_terms.h"
#include "workloads/plan.h"

namespace orrery {

// One sentence for each key that the plan's mapping gives without any effect on this model, with its file and line.
[[nodiscard]] std::vector<std::string> unused_inputs(const yaml::Node& plan_node, const Plan& plan,
                                                     const DecoderModel& model);
// Likewise for a scenario's `cost:`: what its charge has no use for.
[[nodiscard]] std::vector<std::string> unused_costs(const yaml::Node& cost_node, const CostTerms& terms);

}  // namespace orrery
