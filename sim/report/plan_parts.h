// A decoder's plan as reports print it, part by part.
#pragma once

#include <string>
#include <vector>

#include "sim/report/report.h"

namespace orrery {

// "tensor 8", "1f1b", "ZeRO-1", …, none of which a line's end should divide.
[[nodiscard]] std::vector<std::string> plan_parts(const Report& report);

}  // namespace orrery
