// Follows cables from the first chip along each dimension, then looks whether all lines have them.
#include "topology/filled_grid.h"

#include <optional>

namespace orrery {
namespace {

// The dimension of the cable from one chip to another, if there is one.
std::optional<std::uint8_t> joined(const Fabric& fabric, ChipId from, ChipId to) {
  const Fabric::Graph& graph = fabric.graph();
  const auto index = boost::get(boost::edge_index, graph);
  const auto [first, last] = boost::out_edges(fabric.engine(from).index(), graph);
  for (auto edge = first; edge != last; ++edge)
    if (boost::target(*edge, graph) == fabric.engine(to).index()) return fabric.links()[LinkId(index[*edge])].dimension;
  return std::nullopt;
}

// All lines of `size` chips, `stride` apart, have cables of that dimension.
bool all_lines(const Fabric& fabric, std::span<const ChipId> chips, std::size_t stride, std::size_t size,
               std::uint8_t dimension) {
  for (std::size_t p = 0; p + stride < chips.size(); ++p)
    if (p / stride % size + 1 != size && joined(fabric, chips[p], chips[p + stride]) != dimension) return false;
  return true;
}

}  // namespace

std::vector<std::int32_t> filled_grid(const Fabric& fabric, std::span<const ChipId> chips) {
  std::vector<std::int32_t> sizes;
  for (std::size_t stride = 1; stride < chips.size();) {
    const auto dimension = joined(fabric, chips[0], chips[stride]);
    if (!dimension) return {};
    std::size_t size = 2;
    while (size * stride < chips.size() &&
           joined(fabric, chips[(size - 1) * stride], chips[size * stride]) == dimension)
      ++size;
    if (chips.size() % (size * stride) != 0 || !all_lines(fabric, chips, stride, size, *dimension)) return {};
    sizes.push_back(static_cast<std::int32_t>(size));
    stride *= size;
  }
  return sizes;
}

}  // namespace orrery
