// Searches backwards from chip after chip.
#include "topology/diameter.h"

#include <algorithm>
#include <array>
#include <vector>

#include "topology/distance_field.h"

namespace orrery {

Diameter diameter(const Fabric& fabric, std::size_t most_work) {
  constexpr std::size_t kFewest = 16;
  const Adjacency in(fabric, Adjacency::Direction::kIn);
  std::vector<VertexKind> kinds;
  for (const Vertex& vertex : fabric.vertices()) kinds.push_back(vertex.kind);
  const std::size_t chips = fabric.chip_count();
  const std::size_t each = fabric.links().size() + fabric.vertices().size() + 1;
  Diameter result;
  result.destinations = std::min(chips, std::max(kFewest, most_work / each));
  for (std::size_t i = 0; i < result.destinations; ++i) {
    const std::uint32_t to = fabric.engine(ChipId(i * chips / result.destinations)).index();
    std::array<DistanceField, kTransitCount> fields;
    for (std::size_t from = 0; from < chips; ++from)
      for (std::size_t rule = 0; rule < kTransitCount; ++rule) {
        if (!fields[rule].begun()) fields[rule] = DistanceField(kinds.size(), to);
        const std::uint32_t hops =
            fields[rule].reach(fabric.engine(ChipId(from)).index(), in, kinds, static_cast<Transit>(rule));
        if (hops == DistanceField::kUnreached) continue;
        result.hops = std::max(result.hops, hops);
        break;
      }
  }
  return result;
}

}  // namespace orrery
