// Joins neighbours on a grid, dimension by dimension, so that link ids grow with the dimension.
#include "topology/shapes/grid.h"

namespace orrery {

GridBlock::GridBlock(GridPlan plan) : plan_(std::move(plan)), strides_(plan_.sizes.size(), 1) {
  for (std::size_t d = 0; d < plan_.links.size(); ++d) plan_.links[d].dimension = static_cast<std::uint8_t>(d);
  for (std::size_t d = 0; d < plan_.between.size(); ++d) plan_.between[d].dimension = static_cast<std::uint8_t>(d);
  for (std::size_t d = strides_.size() - 1; d-- > 0;)
    strides_[d] = saturating_product(strides_[d + 1], plan_.sizes[d + 1]);
}

bool GridBlock::is_twisted(std::size_t dimension) const {
  if (!plan_.twisted) return false;
  for (const std::uint64_t other : plan_.sizes)
    if (other == 2 * plan_.sizes[dimension]) return true;
  return false;
}

// With a twist, the way round a line of two leads to other blocks than the way straight on.
std::uint64_t GridBlock::cables_per_line(std::size_t dimension) const {
  const std::uint64_t size = plan_.sizes[dimension];
  const bool closes = size > 2 || (size == 2 && is_twisted(dimension));
  return plan_.wraparound == Wraparound::kYes && closes ? size : size - 1;
}

std::size_t GridBlock::wrapped(std::size_t from, std::size_t dimension) const {
  const std::uint64_t size = plan_.sizes[dimension];
  std::size_t to = from - (size - 1) * strides_[dimension];
  if (!plan_.twisted) return to;
  for (std::size_t e = 0; e < plan_.sizes.size(); ++e)
    if (plan_.sizes[e] == 2 * size) {
      const std::size_t x = to / strides_[e] % plan_.sizes[e];
      to = to - x * strides_[e] + (x + size) % plan_.sizes[e] * strides_[e];
    }
  return to;
}

Counts GridBlock::counts() const {
  Counts counts = plan_.blocks.counts();
  for (std::size_t d = 0; d < plan_.sizes.size(); ++d) {
    // The other sizes' product, formed so that it saturates instead of dividing a saturated count.
    std::uint64_t cables = cables_per_line(d);
    for (std::size_t other = 0; other < plan_.sizes.size(); ++other)
      if (other != d) cables = saturating_product(cables, plan_.sizes[other]);
    cables = saturating_product(cables, plan_.blocks.block->port_count());
    counts = counts + Counts{0, 0, saturating_product(cables, 2)};
  }
  return counts;
}

std::uint64_t GridBlock::port_count() const {
  return saturating_product(plan_.blocks.count, plan_.blocks.block->port_count());
}

Ports GridBlock::build(Builder& builder, const std::string& name) const {
  const std::vector<Ports> blocks = plan_.blocks.build(builder, name);
  for (std::size_t d = 0; d < plan_.sizes.size(); ++d) {
    const std::size_t size = plan_.sizes[d];
    for (std::size_t from = 0; from < blocks.size(); ++from) {
      const std::size_t x = from / strides_[d] % size;
      if (x >= cables_per_line(d)) continue;
      const std::size_t to = x + 1 < size ? from + strides_[d] : wrapped(from, d);
      const bool leaves_cube = plan_.cube != 0 && (x + 1) % plan_.cube == 0;
      for (std::size_t rail = 0; rail < blocks[from].size(); ++rail)
        builder.join(leaves_cube ? plan_.between[d] : plan_.links[d], blocks[from][rail], blocks[to][rail]);
    }
  }
  Ports ports;
  for (const Ports& block : blocks) ports.insert(ports.end(), block.begin(), block.end());
  return ports;
}

}  // namespace orrery
