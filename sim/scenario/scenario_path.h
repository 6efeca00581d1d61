// Where a file that names scenarios finds them: beside itself, or by a name of the library.
#pragma once

#include <filesystem>

#include "sim/base/library.h"
#include "sim/base/yaml.h"

namespace orrery {

// InputError where there is neither.
[[nodiscard]] std::filesystem::path scenario_beside(const Library& library, const std::filesystem::path& file,
                                                    const yaml::Node& named);

}  // namespace orrery
