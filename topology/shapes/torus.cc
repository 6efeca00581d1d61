// The shape `torus`: an n-dimensional grid with wraparound.
//
//     shape: torus
//     size: [4, 4, 8]                                # the last dimension varies fastest
//     link: {bandwidth: 100 GB/s, latency: 500 ns}   # or a list with one per dimension
//     twist: true                                    # sizes n and 2n only: wrap around n with a shift of n along 2n
//     block: chip                                    # or a nested shape: port i to port i of each neighbour
#include "topology/shapes/grid.h"

namespace orrery {
namespace {

std::unique_ptr<Block> read_torus(yaml::Map& map, std::uint64_t) { return read_grid(map, Wraparound::kYes); }

const Shapes::Entry kTorus{
    {"torus", "a grid of any dimension, neighbours joined, each line closed to a ring", &read_torus}};

}  // namespace
}  // namespace orrery
