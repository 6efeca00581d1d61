// The shape `fully_connected`: a cable between every two blocks.
//
//     shape: fully_connected
//     blocks: 8
//     link: {bandwidth: 64 GB/s, latency: 500 ns}   # each cable
//     block: chip                                   # or a nested shape: port i to port i
#include "topology/link_spec.h"
#include "topology/shapes/shape.h"

namespace orrery {
namespace {

class FullyConnected : public Block {
 public:
  FullyConnected(Blocks blocks, Link link) : blocks_(std::move(blocks)), link_(link) {}

  [[nodiscard]] Counts counts() const override {
    // n (n − 1) one-way links, n ≤ 2^24: no overflow.
    const std::uint64_t links = blocks_.count * (blocks_.count - 1);
    return blocks_.counts() + Counts{0, 0, links} * blocks_.block->port_count();
  }
  [[nodiscard]] std::uint64_t port_count() const override {
    return saturating_product(blocks_.count, blocks_.block->port_count());
  }

  Ports build(Builder& builder, const std::string& name) const override {
    const std::vector<Ports> blocks = blocks_.build(builder, name);
    Ports ports;
    for (std::size_t a = 0; a < blocks.size(); ++a) {
      for (std::size_t b = a + 1; b < blocks.size(); ++b)
        for (std::size_t rail = 0; rail < blocks[a].size(); ++rail)
          builder.join(link_, blocks[a][rail], blocks[b][rail]);
      ports.insert(ports.end(), blocks[a].begin(), blocks[a].end());
    }
    return ports;
  }

 private:
  Blocks blocks_;
  Link link_;
};

std::unique_ptr<Block> read_fully_connected(yaml::Map& map, std::uint64_t chips_wanted) {
  Blocks blocks = read_blocks(map, "blocks", chips_wanted, ChipsShare::kNode);
  const Link link = read_block_link(map, *blocks.block);
  return std::make_unique<FullyConnected>(std::move(blocks), link);
}

const Shapes::Entry kFullyConnected{
    {"fully_connected", "a cable of its own between every two blocks", &read_fully_connected}};

}  // namespace
}  // namespace orrery
