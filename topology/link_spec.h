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
//
// `length: 40 km` adds the time that light takes in that much fibre to the latency: length · n ÷ c with the group index
// n = 1.468 of standard single-mode fibre at 1550 nm (ITU-T G.652; Corning SMF-28 data sheet), 4.897 us/km.
[[nodiscard]] Link read_link(const yaml::Node& node, LinkKind kind, Tier tier);

// The same on a mapping that has other keys too; does not call finish().
[[nodiscard]] Link read_link(yaml::Map& map, LinkKind kind, Tier tier);

// The optional key `key` as above; a link like `below`, but of `tier`, where it is absent.
[[nodiscard]] Link read_link_above(yaml::Map& map, std::string_view key, const Link& below, Tier tier);

// What `length` adds; meters.
[[nodiscard]] Duration time_in_fibre(double length);

}  // namespace orrery
