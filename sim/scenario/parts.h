// Parts of a scenario that stand alike in one with a single job and in one with several.
#pragma once

#include <optional>

#include "sim/base/yaml.h"
#include "sim/network/network.h"
#include "sim/scenario/scenario.h"

namespace orrery {

[[nodiscard]] Measured read_measured(const yaml::Node& node);

// A model that moves messages takes collectives step by step, whether the file says so or not.
[[nodiscard]] Granularity read_granularity(yaml::Map& map, const NetworkKind& network);

// InputError at background on a network that can't have any.
void check_background_goes_with(const NetworkKind& network, const std::optional<yaml::Node>& background);

}  // namespace orrery
