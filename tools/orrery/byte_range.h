// Reads what follows --bytes: one size, or the first and last of a range that grows by a factor.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/units.h"

namespace orrery {

// "64MiB", or "1KiB:8GiB": 1 KiB, × factor, …, as far as 8 GiB. InputError with a caret for anything else, for a range
// that ends before it begins and for sizes of no byte. `factor` ≥ 2.
[[nodiscard]] std::vector<Bytes> read_byte_range(const std::string& text, std::int64_t factor);

}  // namespace orrery
