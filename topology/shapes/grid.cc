// Joins neighbours on a grid, dimension by dimension, so that link ids grow with the dimension.
#include "topology/shapes/grid.h"

#include <fmt/format.h>

#include "topology/link_spec.h"

namespace orrery {
namespace {

constexpr std::size_t kMostDimensions = 8;

std::vector<Link> read_links(yaml::Map& map, const Block& block, std::size_t dimensions) {
  const yaml::Node node = map.required("link");
  if (!node.is_sequence()) {
    const Link link = block.is_chip() ? read_link(node, LinkKind::kNvlink, Tier::kScaleUp)
                                      : read_link(node, LinkKind::kNetwork, Tier::kRail);
    return std::vector<Link>(dimensions, link);
  }
  std::vector<Link> links;
  for (const yaml::Node& item : node.items())
    links.push_back(block.is_chip() ? read_link(item, LinkKind::kNvlink, Tier::kScaleUp)
                                    : read_link(item, LinkKind::kNetwork, Tier::kRail));
  if (links.size() != dimensions)
    node.fail(fmt::format("{} dimensions need one link each or one for all, not {}", dimensions, links.size()));
  return links;
}

}  // namespace

GridBlock::GridBlock(Blocks blocks, std::vector<std::uint64_t> sizes, std::vector<Link> links, Wraparound wraparound)
    : blocks_(std::move(blocks)), sizes_(std::move(sizes)), links_(std::move(links)), wraparound_(wraparound) {
  for (std::size_t d = 0; d < links_.size(); ++d) links_[d].dimension = static_cast<std::uint8_t>(d);
}

std::uint64_t GridBlock::cables_per_line(std::uint64_t size) const {
  return wraparound_ == Wraparound::kYes && size > 2 ? size : size - 1;
}

Counts GridBlock::counts() const {
  Counts counts = blocks_.counts();
  for (std::uint64_t size : sizes_) {
    // The other sizes' product, formed so that it saturates instead of dividing a saturated count.
    std::uint64_t cables = cables_per_line(size);
    bool skipped = false;
    for (std::uint64_t other : sizes_) {
      if (other == size && !skipped)
        skipped = true;
      else
        cables = saturating_product(cables, other);
    }
    cables = saturating_product(cables, blocks_.block->port_count());
    counts = counts + Counts{0, 0, saturating_product(cables, 2)};
  }
  return counts;
}

std::uint64_t GridBlock::port_count() const { return saturating_product(blocks_.count, blocks_.block->port_count()); }

Ports GridBlock::build(Builder& builder, const std::string& name) const {
  const std::vector<Ports> blocks = blocks_.build(builder, name);
  std::size_t stride = blocks.size();
  for (std::size_t d = 0; d < sizes_.size(); ++d) {
    const std::size_t size = sizes_[d];
    stride /= size;
    for (std::size_t from = 0; from < blocks.size(); ++from) {
      const std::size_t x = from / stride % size;
      if (x >= cables_per_line(size)) continue;
      const std::size_t to = x + 1 < size ? from + stride : from - x * stride;
      for (std::size_t rail = 0; rail < blocks[from].size(); ++rail)
        builder.join(links_[d], blocks[from][rail], blocks[to][rail]);
    }
  }
  Ports ports;
  for (const Ports& block : blocks) ports.insert(ports.end(), block.begin(), block.end());
  return ports;
}

std::unique_ptr<Block> read_grid(yaml::Map& map, Wraparound wraparound) {
  const yaml::Node node = map.required("size");
  std::vector<std::uint64_t> sizes;
  std::uint64_t count = 1;
  for (const yaml::Node& item : node.items()) {
    sizes.push_back(static_cast<std::uint64_t>(item.integer(1, kMostBlocks)));
    count = saturating_product(count, sizes.back());
  }
  if (sizes.empty() || sizes.size() > kMostDimensions)
    node.fail(fmt::format("a grid has 1 to {} dimensions, not {}", kMostDimensions, sizes.size()));
  Blocks blocks = read_blocks(map, count, ChipsShare::kNode);
  std::vector<Link> links = read_links(map, *blocks.block, sizes.size());
  return std::make_unique<GridBlock>(std::move(blocks), std::move(sizes), std::move(links), wraparound);
}

}  // namespace orrery
