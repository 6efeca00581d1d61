// SHA-256 of bytes, as hex: what a run directory names its inputs by (the same as `sha256sum` prints).
#pragma once

#include <string>
#include <string_view>

namespace orrery {

[[nodiscard]] std::string sha256(std::string_view bytes);

}  // namespace orrery
