// The shape `cube_torus`: a slice of a TPU pod, whole cubes of chips joined through optical circuit switches.
//
//     shape: cube_torus
//     size: [8, 8, 16]             # chips in each dimension: multiples of `cube`
//     cube: 4                      # chips along a cube's side; 4 when absent
//     link: {bandwidth: 100 GB/s, latency: 400 ns}       # inside a cube, copper
//     optical: {bandwidth: 100 GB/s, latency: 600 ns}    # cube to cube, wraparound included; as `link` when absent
//     twist: true                  # sizes n and 2n only: wrap around n with a shift of n along 2n
//     block: chip
//     chips_per_node: 4            # that share a host, in order; all chips are one node when absent
//
// Jouppi et al., "TPU v4: An Optically Reconfigurable Supercomputer for Machine Learning with Hardware Support for
// Embeddings" (ISCA 2023, arXiv 2304.01433): a cube of 4 × 4 × 4 has 16 optical links on each of its six faces, and
// opposite faces lead to the same optical circuit switches, so that any cubes can be set up as one torus, regular or
// twisted. A circuit switch is mirrors: it forwards light, not packets, so that it is a part of the link and no vertex;
// its way costs latency only. A slice smaller than a cube has no wraparound: that is a `mesh`.
#include <fmt/format.h>

#include "topology/link_spec.h"
#include "topology/shapes/grid.h"

namespace orrery {
namespace {

std::vector<Link> read_optical(yaml::Map& map, const GridPlan& plan) {
  const auto node = map.optional("optical");
  std::vector<Link> links = node ? read_grid_links(*node, *plan.blocks.block, plan.sizes.size()) : plan.links;
  // Optics, unless the file says otherwise of a link of its own.
  const auto names_kind = [](const yaml::Node& link) { return yaml::Map(link, "a link").optional("kind").has_value(); };
  for (std::size_t d = 0; d < links.size(); ++d)
    if (!node || !names_kind(node->is_sequence() ? node->items()[d] : *node)) links[d].kind = LinkKind::kOptics;
  return links;
}

std::unique_ptr<Block> read_cube_torus(yaml::Map& map, std::uint64_t) {
  GridPlan plan;
  const yaml::Node size = map.required("size");
  plan.sizes = read_sizes(size);
  plan.wraparound = Wraparound::kYes;
  const auto cube = map.optional("cube");
  plan.cube = cube ? static_cast<std::uint64_t>(cube->integer(2, kMostBlocks)) : 4;
  for (std::size_t d = 0; d < plan.sizes.size(); ++d)
    if (plan.sizes[d] % plan.cube != 0)
      size.items()[d].fail(fmt::format("{} chips aren't whole cubes of {}", plan.sizes[d], plan.cube),
                           {"a slice smaller than a cube has no wraparound: use the shape `mesh`"});
  plan.blocks = read_blocks(map, product_of(plan.sizes), ChipsShare::kNode);
  plan.links = read_grid_links(map.required("link"), *plan.blocks.block, plan.sizes.size());
  plan.between = read_optical(map, plan);
  plan.twisted = read_twist(map, plan.sizes);
  return std::make_unique<GridBlock>(std::move(plan));
}

const Shapes::Entry kCubeTorus{{"cube_torus",
                                "cubes of chips joined to a torus through optical circuit switches, twisted or not",
                                &read_cube_torus}};

}  // namespace
}  // namespace orrery
