// Traffic of others on the machine's links while a job runs: a matrix of flows, or a pattern of them.
//
//     background:
//       - {from: 8-15, to: 16-23, rate: 10 GB/s}                     # each of the ones to each of the others
//       - {from: all, rate: 25 %, start: 1 ms, stop: 9 ms}           # among themselves: all to all
//       - {pattern: permutation, from: 8-23, seed: 7, rate: 100 %}   # each to one other, in one random circle
//       - {pattern: incast, from: 8-15, to: 3, rate: 5 GB/s}         # all to one
//
// A rate is what a sender offers at most, shared evenly by its flows: bytes a second, or a share of what a flow would
// get alone on the idle machine. Chips are named as in MachineNames::chips. The flows draw on links only, by the routes
// that messages take, and share them with the job's own.
#pragma once

#include <string>
#include <vector>

#include "sim/base/yaml.h"
#include "sim/kernel/engine.h"
#include "sim/scenario/events.h"
#include "topology/fabric.h"

namespace orrery {

struct Background {
  Disturbance told;
  std::vector<BackgroundFlow> flows;
};

// InputError at what isn't there or can't be.
[[nodiscard]] std::vector<Background> read_background(const yaml::Node& node, const Fabric& fabric);

// How many chips must be built for all that it names by number. InputError where the cluster doesn't hold them.
[[nodiscard]] std::size_t chips_for_background(const yaml::Node& node, std::uint64_t held);

[[nodiscard]] std::vector<BackgroundFlow> flows_of(const std::vector<Background>& background);

// Background that changed nothing in a run, each with why. `routing` as the run's; `work`: RunResult::resource_work, of
// all jobs together.
[[nodiscard]] std::vector<std::string> idle_background(const std::vector<Background>& background, const Fabric& fabric,
                                                       const RoutingMaker& routing, std::string_view network, Time end,
                                                       const std::vector<double>& work);

}  // namespace orrery
