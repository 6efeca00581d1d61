// Numbers for people, where the unit stands elsewhere.
#pragma once

#include <cstdint>
#include <string>

namespace orrery {

// About four significant digits, without an exponent: 0.01234, 1.234, 12.34, 123.4, 12,345.
[[nodiscard]] std::string digits(double value);
// All digits: 64, 1,048,576.
[[nodiscard]] std::string grouped(std::int64_t value);

}  // namespace orrery
