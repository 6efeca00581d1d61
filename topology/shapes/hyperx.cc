// The shape `hyperx`: switches on a grid, each joined to all others of its row in every dimension.
//
//     shape: hyperx
//     size: [4, 4]                 # switches in each dimension; the last varies fastest
//     blocks_per_switch: 4
//     link: {bandwidth: 400 Gb/s, latency: 300 ns}       # block to switch
//     switch_link: {…}             # switch to switch, or a list with one per dimension; as `link` when absent
//     block: chip                  # or a nested shape: every port of a block hangs on its switch
//
// Ahn, Binkert, Davis, McLaren and Schreiber, "HyperX: Topology, Routing, and Packaging of Efficient Large-Scale
// Networks" (SC 2009): one hop a dimension. size [2, 2, …] is a hypercube, one dimension a full mesh of switches.
#include <fmt/format.h>

#include "topology/link_spec.h"
#include "topology/shapes/grid.h"
#include "topology/shapes/routers.h"

namespace orrery {
namespace {

class HyperX : public Block {
 public:
  HyperX(Routers switches, std::vector<std::uint64_t> sizes, std::vector<Link> links)
      : switches_(std::move(switches)), sizes_(std::move(sizes)), links_(std::move(links)) {
    for (std::size_t d = 0; d < links_.size(); ++d) links_[d].dimension = static_cast<std::uint8_t>(d);
  }

  [[nodiscard]] Counts counts() const override {
    Counts counts = switches_.counts();
    // Every switch leads to size − 1 others in each dimension.
    for (const std::uint64_t size : sizes_) counts = counts + Counts{0, 0, size - 1} * switches_.count;
    return counts;
  }
  [[nodiscard]] std::uint64_t port_count() const override { return switches_.port_count(); }

  Ports build(Builder& builder, const std::string& name) const override {
    Routers::Built built =
        switches_.build(builder, name, [&](std::uint64_t i) { return join_names(name, "switch", i); });
    std::size_t stride = built.routers.size();
    for (std::size_t d = 0; d < sizes_.size(); ++d) {
      stride /= sizes_[d];
      for (std::size_t from = 0; from < built.routers.size(); ++from)
        for (std::size_t x = from / stride % sizes_[d] + 1; x < sizes_[d]; ++x)
          builder.join(links_[d], built.routers[from], built.routers[from + (x - from / stride % sizes_[d]) * stride]);
    }
    return std::move(built.ports);
  }

 private:
  Routers switches_;
  std::vector<std::uint64_t> sizes_;
  std::vector<Link> links_;
};

std::vector<Link> read_switch_links(yaml::Map& map, const Link& below, std::size_t dimensions) {
  const auto node = map.optional("switch_link");
  if (!node || !node->is_sequence())
    return std::vector<Link>(dimensions, read_link_above(map, "switch_link", below, Tier::kSpine));
  std::vector<Link> links;
  for (const yaml::Node& item : node->items()) links.push_back(read_link(item, LinkKind::kNetwork, Tier::kSpine));
  if (links.size() != dimensions)
    node->fail(fmt::format("{} dimensions need one link each or one for all, not {}", dimensions, links.size()));
  return links;
}

std::unique_ptr<Block> read_hyperx(yaml::Map& map, std::uint64_t) {
  std::vector<std::uint64_t> sizes = read_sizes(map.required("size"));
  Routers switches = read_routers(map, product_of(sizes), "blocks_per_switch");
  std::vector<Link> links = read_switch_links(map, switches.link, sizes.size());
  return std::make_unique<HyperX>(std::move(switches), std::move(sizes), std::move(links));
}

const Shapes::Entry kHyperX{
    {"hyperx", "switches on a grid, each joined to all others of its row in every dimension", &read_hyperx}};

}  // namespace
}  // namespace orrery
