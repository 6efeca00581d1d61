// Parts of a scenario that stand alike in one with a single job and in one with several.
#pragma once

#include <optional>

#include "sim/base/yaml.h"
#include "sim/network/network.h"
#include "sim/scenario/scenario.h"

namespace orrery {

[[nodiscard]] Measured read_measured(const yaml::Node& node);

// Reads a job's model, in its family, its stack and its plan; what changes nothing is added to its warnings.
void read_work(const Library& library, const yaml::Node& model, const yaml::Node& stack, const yaml::Node& plan,
               Scenario& job);

// InputError at `stack` if the job's can't run on this chip, or can't run its plan; in `plan` if that offloads to
// nowhere.
void check_work(const Scenario& job, const Chip& chip, const yaml::Node& stack, const yaml::Node& plan);

// What chooses the stack's collectives, where it leaves that to the chip's library and there is one.
[[nodiscard]] std::optional<CommunicationLibrary> library_asked(const Library& library, const Stack& stack,
                                                                const Cluster& cluster);

}  // namespace orrery
