// A text as a field of a CSV file.
#pragma once

#include <string>
#include <string_view>

namespace orrery {

// Quoted where a comma or a quote would end the field early.
[[nodiscard]] std::string csv_field(std::string_view text);

}  // namespace orrery
