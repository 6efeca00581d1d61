// The shape `mesh`: an n-dimensional grid without wraparound.
//
//     shape: mesh
//     size: [4, 8]                                   # the last dimension varies fastest
//     link: {bandwidth: 100 GB/s, latency: 500 ns}   # or a list with one per dimension
//     block: chip                                    # or a nested shape: port i to port i of each neighbour
#include "topology/shapes/grid.h"

namespace orrery {
namespace {

std::unique_ptr<Block> read_mesh(yaml::Map& map, std::uint64_t) { return read_grid(map, Wraparound::kNo); }

const Shapes::Entry kMesh{{"mesh", "a grid of any dimension, neighbours joined, edges open", &read_mesh}};

}  // namespace
}  // namespace orrery
