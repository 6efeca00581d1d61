// The granularity that a file or an option asks for, where the network model allows it.
#pragma once

#include <optional>

#include "sim/base/yaml.h"
#include "sim/kernel/engine.h"

namespace orrery {

// Absent: fluid, or stepwise under a model that moves messages, which takes nothing else. InputError for other words.
[[nodiscard]] Granularity read_granularity(const std::optional<yaml::Node>& node, const NetworkKind& network);

}  // namespace orrery
