// Parts of a scenario that stand alike in one with a single job and in one with several.
#pragma once

#include <optional>

#include "sim/base/yaml.h"
#include "sim/network/network.h"
#include "sim/scenario/scenario.h"

namespace orrery {

[[nodiscard]] Measured read_measured(const yaml::Node& node);

// What chooses collectives on this chip, where it has such a library.
[[nodiscard]] std::optional<CommunicationLibrary> library_of_chip(const Library& library, const Chip& chip);

// InputError at background on a network that can't have any.
void check_background_goes_with(const NetworkKind& network, const std::optional<yaml::Node>& background);

}  // namespace orrery
