// The shape `rail_only`: one switch a rail and nothing above, rails meeting only inside the nodes.
//
//     shape: rail_only
//     nodes: 32
//     radix: 64                    # optional: refuse a design whose switches would need more ports
//     rails: 8                     # the ports of a block when absent; else port i is on rail i modulo `rails`
//     link: {bandwidth: 400 Gb/s, latency: 300 ns}
//     block: {shape: nvswitch_node, …}
//
// Wang, Ghobadi, Shakeri, Zhang and Hasani, "Rail-only: A Low-Cost High-Performance Network for Training LLMs with
// Trillion Parameters" (2023, arXiv 2307.12169). Traffic between rails first goes to the right chip of its own node. A
// rail too large for one switch is a `rail_fat_tree` whose spine has `scope: rail`.
#include "topology/shapes/clos.h"

namespace orrery {
namespace {

std::unique_ptr<Block> read_rail_only(yaml::Map& map, std::uint64_t chips_wanted) {
  return read_rails(map, chips_wanted);
}

const Shapes::Entry kRailOnly{
    {"rail_only", "a switch for each rail and none above: rails meet inside the nodes", &read_rail_only}};

}  // namespace
}  // namespace orrery
