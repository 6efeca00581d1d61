// The shape `rail_fat_tree`: NICs of the same number share leaf switches, so that equal ranks of all nodes are near.
//
//     shape: rail_fat_tree
//     nodes: 140
//     nodes_per_unit: 20           # a scalable unit has one leaf switch a rail
//     units_per_pod: 7             # all units when absent
//     rails: 4                     # the ports of a block when absent; else port i is on rail i modulo `rails`
//     planes: 2                    # optional: so many trees side by side, each with a cable to every NIC
//     radix: 40                    # optional: refuse a design whose switches would need more ports
//     link: {bandwidth: 200 Gb/s, latency: 600 ns}
//     spine:                       # absent: units aren't joined
//       switches: 10               # in each group
//       scope: rail                # a group for each rail of a pod, or one for the whole `pod` (default)
//       oversubscription: 1        # bandwidth down ÷ up of the leaf switches; 1 when absent
//       link: {…}                  # as below when absent
//     core:                        # absent: groups aren't joined
//       switches: 140              # in all; spine i of every group is joined to the i-th share of them
//       oversubscription: 1        # of the spine switches
//     block: {shape: nvswitch_node, …}
//
// Port r of a block is on rail r, unless `rails` says fewer. Every cable is a link of its own.
#include "topology/shapes/clos.h"

namespace orrery {
namespace {

std::unique_ptr<Block> read_rail_fat_tree(yaml::Map& map, std::uint64_t chips_wanted) {
  return read_clos(map, "nodes_per_unit", true, chips_wanted);
}

const Shapes::Entry kRailFatTree{{"rail_fat_tree",
                                  "leaf, spine and core switches; a leaf takes NIC r of every node of its unit",
                                  &read_rail_fat_tree}};

}  // namespace
}  // namespace orrery
