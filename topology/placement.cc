// The placements that come with Orrery, and the units that they go by.
#include "topology/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "sim/base/error.h"
#include "sim/base/scrambled.h"

namespace orrery {
namespace {

void check_room(std::span<const ChipId> free, std::size_t ranks) {
  if (ranks > free.size())
    throw RunError(fmt::format("{} ranks need as many chips, but the cluster has {}", ranks, free.size()));
}

// Free chips unit by unit.
std::vector<std::vector<ChipId>> free_by_unit(const Fabric& fabric, std::span<const ChipId> free, Tier tier) {
  const std::vector<std::uint32_t> unit = units_of(fabric, tier);
  std::vector<std::vector<ChipId>> units(unit.empty() ? 0 : *std::max_element(unit.begin(), unit.end()) + 1);
  for (const ChipId chip : free) units[unit[chip.index()]].push_back(chip);
  return units;
}

Placement place_packed(const Fabric&, std::span<const ChipId> free, std::size_t ranks, const PlacementTerms&) {
  check_room(free, ranks);
  Placement placement;
  for (std::size_t rank = 0; rank < ranks; ++rank) placement.add(free[rank]);
  return placement;
}

Placement place_spread(const Fabric& fabric, std::span<const ChipId> free, std::size_t ranks,
                       const PlacementTerms& terms) {
  check_room(free, ranks);
  const std::vector<std::vector<ChipId>> units = free_by_unit(fabric, free, terms.tier);
  Placement placement;
  for (std::size_t round = 0; placement.size() < ranks; ++round)
    for (const std::vector<ChipId>& unit : units)
      if (round < unit.size() && placement.size() < ranks) placement.add(unit[round]);
  return placement;
}

// Every order of the units is equally likely (Fisher and Yates).
Placement place_random(const Fabric& fabric, std::span<const ChipId> free, std::size_t ranks,
                       const PlacementTerms& terms) {
  check_room(free, ranks);
  std::vector<std::vector<ChipId>> units = free_by_unit(fabric, free, terms.tier);
  std::uint64_t draw = terms.seed;
  for (std::size_t left = units.size(); left > 1; --left) {
    draw = scrambled(draw + left);
    std::swap(units[left - 1], units[draw % left]);
  }
  Placement placement;
  for (const std::vector<ChipId>& unit : units)
    for (const ChipId chip : unit)
      if (placement.size() < ranks) placement.add(chip);
  return placement;
}

const Placements::Entry kPacked{
    {"packed", "rank r on chip r: nodes are filled one after another", false, false, &place_packed}};
const Placements::Entry kSpread{
    {"spread", "ranks dealt to the nodes (or units of another tier) in turn: neighbours in rank stand apart", true,
     false, &place_spread}};
const Placements::Entry kRandom{{"random",
                                 "nodes (or units of another tier) of the whole cluster filled in an order by chance",
                                 true, true, &place_random}};

}  // namespace

std::vector<ChipId> all_chips(const Fabric& fabric) {
  std::vector<ChipId> chips;
  chips.reserve(fabric.chip_count());
  for (std::size_t c = 0; c < fabric.chip_count(); ++c) chips.emplace_back(c);
  return chips;
}

std::vector<std::uint32_t> units_of(const Fabric& fabric, Tier tier) {
  std::vector<std::uint32_t> unit(fabric.chip_count());
  if (tier == Tier::kHbm) {
    std::iota(unit.begin(), unit.end(), 0U);
    return unit;
  }
  if (tier == Tier::kScaleUp) {
    for (std::size_t c = 0; c < unit.size(); ++c) unit[c] = fabric.node_of(ChipId(c));
    return unit;
  }
  // Of each vertex, one that it is joined to; the lowest of all stands for them.
  std::vector<std::size_t> joined(fabric.vertices().size());
  std::iota(joined.begin(), joined.end(), std::size_t{0});
  const auto find = [&](std::size_t vertex) {
    while (joined[vertex] != vertex) vertex = joined[vertex] = joined[joined[vertex]];
    return vertex;
  };
  for (const Link& link : fabric.links()) {
    if (link.tier > tier) continue;
    const std::size_t a = find(link.from.index());
    const std::size_t b = find(link.to.index());
    joined[std::max(a, b)] = std::min(a, b);
  }
  constexpr std::uint32_t kUnnumbered = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::uint32_t> number(joined.size(), kUnnumbered);
  std::uint32_t next = 0;
  for (std::size_t c = 0; c < unit.size(); ++c) {
    std::uint32_t& own = number[find(fabric.engine(ChipId(c)).index())];
    if (own == kUnnumbered) own = next++;
    unit[c] = own;
  }
  return unit;
}

}  // namespace orrery
