// A cable as a cluster file describes it: rate, latency, efficiency, kind, tier.
#pragma once

#include "sim/base/yaml.h"
#include "topology/fabric.h"

namespace orrery {

// Reads
//
//     {bandwidth: 200 Gb/s, latency: 600 ns, efficiency: 0.95, kind: network, tier: rail, energy_per_byte: 40 pJ,
//      source: …}
//
// into a Link without ends. `bandwidth` (one direction) and `latency` are required; efficiency is 1, energy 0, kind and
// tier are the shape's own when they aren't given. `source` says where the numbers come from; without it they rest on
// the cluster's own source.
[[nodiscard]] Link read_link(const yaml::Node& node, LinkKind kind, Tier tier);

// The same on a mapping that has other keys too; does not call finish().
[[nodiscard]] Link read_link(yaml::Map& map, LinkKind kind, Tier tier);

}  // namespace orrery
