// A job that plays what was recorded, as `jobs:` names it, ready to be put on a machine.
//
//     - {name: theirs, trace: {goal: schedule.goal}}                                   # text or binary
//     - {name: ours, trace: {chakra: traces/ours, groups: traces/groups.json}, stack: megatron_lm}
//     - {name: mixture, trace: {simai: moe.txt, ranks: 256}, start: 2 ms}
//     - {name: profiled, trace: {pytorch: [rank.0.json, rank.1.json], ranks: 16}}      # profiles or execution traces
//
// Paths start at the folder of the file in which they stand. `stack` says what collectives cost beside the wire, as
// `orrery replay` has it (traced_scenario.h); `ranks` plays recordings on more ranks, where their kind can.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "sim/base/yaml.h"
#include "sim/scenario/scenario.h"

namespace orrery {

struct TraceKey {
  std::size_t ranks = 0;
  std::function<Scenario(const Library& library, std::shared_ptr<const Cluster> cluster)> scenario;
};

// InputError at what isn't there or can't be, in this file or in what it names.
[[nodiscard]] TraceKey read_trace(const yaml::Node& node, const std::optional<yaml::Node>& stack);

}  // namespace orrery
