// The shape `fat_tree`: all NICs of a node on one leaf switch, leaves joined by spines and cores.
//
//     shape: fat_tree
//     nodes: 64
//     nodes_per_leaf: 4
//     units_per_pod: 4             # leaves that share a group of spines; all when absent
//     planes: 2                    # optional: so many trees side by side, each with a cable to every NIC
//     radix: 64                    # optional: refuse a design whose switches would need more ports
//     link: {bandwidth: 400 Gb/s, latency: 600 ns}
//     spine: {switches: 8, oversubscription: 2}
//     core: {switches: 16}
//     block: {shape: nvswitch_node, …}
#include "topology/shapes/clos.h"

namespace orrery {
namespace {

std::unique_ptr<Block> read_fat_tree(yaml::Map& map, std::uint64_t chips_wanted) {
  return read_clos(map, "nodes_per_leaf", false, chips_wanted);
}

const Shapes::Entry kFatTree{
    {"fat_tree", "leaf, spine and core switches; a leaf takes every NIC of its nodes", &read_fat_tree}};

}  // namespace
}  // namespace orrery
