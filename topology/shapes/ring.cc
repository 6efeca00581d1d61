// The shape `ring`: each block joined to the next and the last to the first.
//
//     shape: ring
//     blocks: 8
//     link: {bandwidth: 100 GB/s, latency: 500 ns}   # each cable, each way
//     block: chip                                    # or a nested shape: port i to port i of the next
#include "topology/shapes/grid.h"

namespace orrery {
namespace {

std::unique_ptr<Block> read_ring(yaml::Map& map, std::uint64_t chips_wanted) {
  GridPlan plan;
  plan.blocks = read_blocks(map, "blocks", chips_wanted, ChipsShare::kNode);
  plan.sizes = {plan.blocks.count};
  plan.links = {read_block_link(map, *plan.blocks.block)};
  plan.wraparound = Wraparound::kYes;
  return std::make_unique<GridBlock>(std::move(plan));
}

const Shapes::Entry kRing{{"ring", "each block joined to the next, both ways, and the last to the first", &read_ring}};

}  // namespace
}  // namespace orrery
