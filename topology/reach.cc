// Sweeps a fabric both ways from its first chip.
#include "topology/reach.h"

#include <vector>

#include "topology/adjacency.h"

namespace orrery {
namespace {

// The first chip that a sweep from chip 0 doesn't meet.
std::optional<ChipId> first_unmet(const Fabric& fabric, Adjacency::Direction direction) {
  const Adjacency adjacency(fabric, direction);
  std::vector<bool> met(adjacency.vertex_count(), false);
  std::vector<std::uint32_t> queue = {fabric.engine(ChipId(0)).index()};
  met[queue.front()] = true;
  for (std::size_t head = 0; head < queue.size(); ++head)
    for (const Adjacency::Arc& arc : adjacency.arcs(queue[head]))
      if (!met[arc.other]) {
        met[arc.other] = true;
        queue.push_back(arc.other);
      }
  for (std::size_t chip = 0; chip < fabric.chip_count(); ++chip)
    if (!met[fabric.engine(ChipId(chip)).index()]) return ChipId(chip);
  return std::nullopt;
}

}  // namespace

std::optional<ChipPair> unreachable_pair(const Fabric& fabric) {
  if (fabric.chip_count() == 0) return std::nullopt;
  if (const auto chip = first_unmet(fabric, Adjacency::Direction::kOut)) return ChipPair{ChipId(0), *chip};
  if (const auto chip = first_unmet(fabric, Adjacency::Direction::kIn)) return ChipPair{*chip, ChipId(0)};
  return std::nullopt;
}

}  // namespace orrery
