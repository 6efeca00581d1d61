// Where a step's time went, as the keys that every JSON of a report has.
#pragma once

#include <nlohmann/json.hpp>

#include "sim/report/breakdown.h"

namespace orrery {

// Appends compute_s, compute_slowed_s, exposed_communication_s by dimension, bubble_s, skew_s, host_s and delay_s:
// seconds a rank.
void add_breakdown(const Breakdown& breakdown, nlohmann::ordered_json& json);

}  // namespace orrery
