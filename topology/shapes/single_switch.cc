// The shape `single_switch`: every port of every block on one switch.
//
//     shape: single_switch
//     blocks: 8
//     link: {bandwidth: 300 GB/s, latency: 500 ns}
//     block: chip          # or a nested shape
//     ports: blocks        # what an outer shape connects: the ports of the blocks, or `switch`
#include "topology/link_spec.h"
#include "topology/shapes/shape.h"

namespace orrery {
namespace {

class SingleSwitch : public Block {
 public:
  SingleSwitch(Blocks blocks, Link link, bool offers_switch)
      : blocks_(std::move(blocks)), link_(link), offers_switch_(offers_switch) {}

  [[nodiscard]] Counts counts() const override { return blocks_.counts() + Counts{0, 1, 0} + cables() * 2; }
  [[nodiscard]] std::uint64_t port_count() const override { return offers_switch_ ? 1 : block_ports(); }

  Ports build(Builder& builder, const std::string& name) const override {
    const std::vector<Ports> blocks = blocks_.build(builder, name);
    const VertexId centre = builder.add(VertexKind::kSwitch, join_names(name, "switch", 0));
    Ports ports;
    for (const Ports& block : blocks) {
      for (const VertexId port : block) builder.join(link_, port, centre);
      if (!offers_switch_) ports.insert(ports.end(), block.begin(), block.end());
    }
    if (offers_switch_) ports.push_back(centre);
    return ports;
  }

 private:
  [[nodiscard]] std::uint64_t block_ports() const {
    return saturating_product(blocks_.count, blocks_.block->port_count());
  }
  [[nodiscard]] Counts cables() const { return {0, 0, block_ports()}; }

  Blocks blocks_;
  Link link_;
  bool offers_switch_;
};

std::unique_ptr<Block> read_single_switch(yaml::Map& map, std::uint64_t chips_wanted) {
  Blocks blocks = read_blocks(map, "blocks", chips_wanted, ChipsShare::kNode);
  const Link link = read_block_link(map, *blocks.block);
  const auto ports = map.optional("ports");
  const bool offers_switch = ports && ports->choice("kind of port", {"blocks", "switch"}) == 1;
  return std::make_unique<SingleSwitch>(std::move(blocks), link, offers_switch);
}

const Shapes::Entry kSingleSwitch{
    {"single_switch", "every port of every block on one switch that never blocks", &read_single_switch}};

}  // namespace
}  // namespace orrery
