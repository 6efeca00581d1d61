// The routing `dimension_ordered`: one dimension of a grid after another, in an order of one's own.
//
//     {name: dimension_ordered, order: [2, 0, 1]}
//
// On meshes, tori and HyperX, where it never deadlocks (Dally and Seitz, 1987). Dimensions count from 0 in the order of
// the shape's sizes; without `order` they come in that order, as `minimal` takes them too. Halfway round a ring of even
// size the destination's number decides (D-mod-k).
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "topology/routing/static_walk.h"

namespace orrery {
namespace {

std::uint8_t last_dimension(const Fabric& fabric) {
  std::uint8_t last = 0;
  for (const Link& link : fabric.links()) last = std::max(last, link.dimension);
  return last;
}

// Which place each dimension has in the order.
std::vector<std::uint8_t> read_order(const yaml::Node& node, std::uint8_t last) {
  const std::vector<yaml::Node> items = node.items();
  constexpr std::uint8_t kUnranked = std::numeric_limits<std::uint8_t>::max();
  std::vector<std::uint8_t> ranks(std::size_t{last} + 1, kUnranked);
  for (const yaml::Node& item : items) {
    std::uint8_t& rank = ranks[static_cast<std::size_t>(item.integer(0, last))];
    if (rank != kUnranked) item.fail("this dimension already has its place in the order");
    rank = static_cast<std::uint8_t>(&item - items.data());
  }
  if (items.size() != ranks.size())
    node.fail(fmt::format("an order names every dimension once: 0 to {}, {} of them", last, ranks.size()));
  return ranks;
}

RoutingMaker read_dimension_ordered(const RoutingText& text, const Fabric& fabric) {
  const std::uint8_t last = last_dimension(fabric);
  if (last == 0)
    text.name.fail(
        "this fabric has no dimensions to take in order: they are those of a mesh, a torus or a HyperX of two or more");
  std::vector<std::uint8_t> ranks;
  if (const auto node = text.optional("order")) ranks = read_order(*node, last);
  return [ranks](const Fabric& its) { return std::make_unique<StaticRouting>(its, ranks); };
}

const Routings::Entry kDimensionOrdered{
    {"dimension_ordered", "meshes, tori, HyperX: one dimension after another; key: order (of dimensions, from 0)",
     &read_dimension_ordered}};

}  // namespace
}  // namespace orrery
