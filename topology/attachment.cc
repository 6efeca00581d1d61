// Looks at each chip's links and at those of its NICs.
#include "topology/attachment.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "topology/adjacency.h"

namespace orrery {
namespace {

// The outermost switch that a vertex is linked to: of the highest tier, then of the lowest id.
std::uint32_t outermost_switch(const Fabric& fabric, const Adjacency& out, std::uint32_t vertex, Tier& tier) {
  std::uint32_t best = vertex;
  for (const Adjacency::Arc& arc : out.arcs(vertex)) {
    if (fabric.vertices()[VertexId(arc.other)].kind != VertexKind::kSwitch) continue;
    const Tier its = fabric.links()[LinkId(arc.link)].tier;
    if (best != vertex && (its < tier || (its == tier && arc.other >= best))) continue;
    best = arc.other;
    tier = its;
  }
  return best;
}

std::uint32_t attachment(const Fabric& fabric, const Adjacency& out, ChipId chip) {
  const std::uint32_t engine = fabric.engine(chip).index();
  Tier tier = Tier::kHbm;
  std::uint32_t best = outermost_switch(fabric, out, engine, tier);
  for (const Adjacency::Arc& arc : out.arcs(engine)) {
    if (fabric.vertices()[VertexId(arc.other)].kind != VertexKind::kNic) continue;
    Tier beyond = Tier::kHbm;
    const std::uint32_t candidate = outermost_switch(fabric, out, arc.other, beyond);
    if (candidate == arc.other || beyond <= tier) continue;
    best = candidate;
    tier = beyond;
  }
  return best;
}

}  // namespace

Table<ChipId, VertexId> attachments(const Fabric& fabric) {
  const Adjacency out(fabric, Adjacency::Direction::kOut);
  Table<ChipId, VertexId> found;
  for (std::uint32_t chip = 0; chip < fabric.chip_count(); ++chip)
    found.add(VertexId(attachment(fabric, out, ChipId(chip))));
  return found;
}

Table<ChipId, std::uint32_t> spreading_order(const Fabric& fabric) {
  const Table<ChipId, VertexId> hang_on = attachments(fabric);
  std::vector<std::pair<VertexId, std::uint32_t>> chips;
  for (std::uint32_t chip = 0; chip < hang_on.size(); ++chip) chips.emplace_back(hang_on[ChipId(chip)], chip);
  std::sort(chips.begin(), chips.end());
  Table<ChipId, std::uint32_t> numbers(chips.size());
  for (std::uint32_t number = 0; number < chips.size(); ++number) numbers[ChipId(chips[number].second)] = number;
  return numbers;
}

}  // namespace orrery
