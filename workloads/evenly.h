// Numbers that ranks share out evenly, or the fault that says which would do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "workloads/plan.h"

namespace orrery {

// "KEY could be 1, 2, 3, 4, 6 or 8": the divisors of `number`, the smallest of them first; "…" where there are many.
[[nodiscard]] std::string divisors(const std::string& key, std::int64_t number);

// At `key` unless `divisor` divides the number: "64 heads can't be split evenly over 3".
[[nodiscard]] std::optional<PlanFault> divides(const std::string& key, std::int64_t divisor, std::int64_t number,
                                               const std::string& what);

}  // namespace orrery
