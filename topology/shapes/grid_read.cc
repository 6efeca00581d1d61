// Reads the keys of meshes and tori.
#include <fmt/format.h>

#include <algorithm>

#include "topology/link_spec.h"
#include "topology/shapes/grid.h"

namespace orrery {

std::vector<std::uint64_t> read_sizes(const yaml::Node& node) {
  constexpr std::size_t kMostDimensions = 8;
  std::vector<std::uint64_t> sizes;
  for (const yaml::Node& item : node.items()) sizes.push_back(static_cast<std::uint64_t>(item.integer(1, kMostBlocks)));
  if (sizes.empty() || sizes.size() > kMostDimensions)
    node.fail(fmt::format("a grid has 1 to {} dimensions, not {}", kMostDimensions, sizes.size()));
  return sizes;
}

std::uint64_t product_of(const std::vector<std::uint64_t>& sizes) {
  std::uint64_t count = 1;
  for (const std::uint64_t size : sizes) count = saturating_product(count, size);
  return count;
}

std::vector<Link> read_grid_links(const yaml::Node& node, const Block& block, std::size_t dimensions) {
  const auto read = [&](const yaml::Node& item) {
    return block.is_chip() ? read_link(item, LinkKind::kNvlink, Tier::kScaleUp)
                           : read_link(item, LinkKind::kNetwork, Tier::kRail);
  };
  if (!node.is_sequence()) return std::vector<Link>(dimensions, read(node));
  std::vector<Link> links;
  for (const yaml::Node& item : node.items()) links.push_back(read(item));
  if (links.size() != dimensions)
    node.fail(fmt::format("{} dimensions need one link each or one for all, not {}", dimensions, links.size()));
  return links;
}

bool read_twist(yaml::Map& map, const std::vector<std::uint64_t>& sizes) {
  const auto node = map.optional("twist");
  if (!node || !node->boolean()) return false;
  const auto [least, most] = std::minmax_element(sizes.begin(), sizes.end());
  const bool all_fit =
      std::all_of(sizes.begin(), sizes.end(), [&](std::uint64_t size) { return size == *least || size == *most; });
  if (*least < 2 || *most != 2 * *least || !all_fit)
    node->fail("a torus is twisted where its sizes are n and 2n, as in [4, 4, 8] or [4, 8, 8], n at least 2");
  return true;
}

std::unique_ptr<Block> read_grid(yaml::Map& map, Wraparound wraparound) {
  GridPlan plan;
  plan.sizes = read_sizes(map.required("size"));
  plan.wraparound = wraparound;
  plan.blocks = read_blocks(map, product_of(plan.sizes), ChipsShare::kNode);
  plan.links = read_grid_links(map.required("link"), *plan.blocks.block, plan.sizes.size());
  if (wraparound == Wraparound::kYes) plan.twisted = read_twist(map, plan.sizes);
  return std::make_unique<GridBlock>(std::move(plan));
}

}  // namespace orrery
