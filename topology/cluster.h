// A cluster file becomes a Fabric: nested blocks and named shapes over one kind of chip.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/library.h"
#include "sim/base/units.h"
#include "topology/cost_terms.h"
#include "topology/fabric.h"

namespace orrery {

inline constexpr std::string_view kNetworkPluginShelf = "sim/collective/plugins";

struct Cluster {
  std::string name;
  std::string source;  // where the design is published; "hypothetical" for what nobody sells
  Fabric fabric;
  Watts node_overhead;  // CPUs, fans, NICs, switches in the node: per node, beyond its chips
  double pue = 1;       // power usage effectiveness: facility ÷ IT power
  Watts switch_port;    // of a network switch, for each port with a cable in it, busy or not
  Watts transceiver;    // at each end of a network cable, busy or not
  std::optional<CostTerms> cost;
  // What drives its network under a communication library (sim/collective/network_plugin.h); none: the library itself.
  std::optional<yaml::Node> network_plugin{};
};

// What a fabric may hold at most: a file that asks for more is refused before anything is allocated.
struct FabricLimits {
  std::uint64_t vertices = 6'000'000;
  std::uint64_t links = 8'000'000;  // one-way
};

// A cluster file:
//
//     name: Eight chips on a switch
//     source: hypothetical
//     chip: a100_sxm_80gb
//     node_overhead: 2.5 kW     # 0 when absent
//     pue: 1.2                  # 1 when absent
//     switch_port: {power: 12 W, source: …}   # 0 when absent, as is `transceiver`: what stays the same busy or idle;
//     transceiver: {power: 8 W, source: …}    # what grows with traffic is the links' `energy_per_byte`
//     network_plugin: aws_ofi_p5   # by which a communication library uses the network, if by any
//     cost: {…}                 # topology/cost_terms.h; without it nothing is said of dollars
//     fabric: {shape: single_switch, blocks: 8, link: {bandwidth: 300 GB/s, latency: 500 ns}}
//
// Shapes and their keys are in topology/shapes, one file each. A link may carry a `source` of its own; numbers without
// one rest on the cluster's.
//
// `chips_wanted` > 0: build just as many of the outermost blocks as hold that many chips (rounded up to whole blocks)
// where the outermost shape counts blocks; meshes, tori, single nodes and explicit fabrics are built whole. An
// InputError where the cluster holds fewer chips than that, is larger than `limits`, or has chips that can't reach each
// other.
[[nodiscard]] Cluster read_cluster(const Library& library, const yaml::Node& node, std::size_t chips_wanted = 0,
                                   const FabricLimits& limits = {});
// How many chips the whole cluster has; nothing is built. InputError where its fabric can't be read.
[[nodiscard]] std::uint64_t chips_held(const yaml::Node& node);
// Block::part_chips() of its outermost shape; nothing is built.
[[nodiscard]] std::uint64_t part_chips(const yaml::Node& node, std::uint64_t used);
[[nodiscard]] Cluster load_cluster(const Library& library, const yaml::Node& reference, std::size_t chips_wanted = 0);

}  // namespace orrery
