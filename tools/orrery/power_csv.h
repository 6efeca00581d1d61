// power.csv of a run directory: watts over the step, of the machine, at the facility's meter, and of a chip of each
// role.
#pragma once

#include <string>

#include "sim/report/power.h"

namespace orrery {

// A row for each bin: when it begins, then mean watts in it.
[[nodiscard]] std::string power_csv(const PowerSeries& series);

}  // namespace orrery
