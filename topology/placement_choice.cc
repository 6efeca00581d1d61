// Reads a placement by its name, or a mapping with what that strategy goes by.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "topology/placement.h"

namespace orrery {
namespace {

constexpr std::array<Tier, 5> kUnitTiers = {Tier::kHbm, Tier::kScaleUp, Tier::kRail, Tier::kSpine, Tier::kCore};

std::string unit_name(Tier tier) { return tier == Tier::kHbm ? "chip" : std::string(to_name(tier)); }

const PlacementKind* placement_named(const yaml::Node& node) {
  const std::vector<std::string> names = Placements::names();
  return Placements::find(names[node.choice("placement", names)]);
}

// Of a mapping that has been read already.
std::optional<yaml::Node> key_in(const yaml::Node& node, std::string_view key) {
  return node.is_map() ? yaml::Map(node, "a placement").optional(key) : std::nullopt;
}

}  // namespace

PlacementChoice read_placement(const yaml::Node& node) {
  if (!node.is_map()) return {placement_named(node), {}, 0};
  yaml::Map map(node, "a placement");
  PlacementChoice choice{placement_named(map.required("name")), {}, 0};
  if (const auto among = map.optional("among")) choice.among = static_cast<std::size_t>(among->integer(1, INT64_MAX));
  if (choice.kind->has_units) {
    if (const auto tier = map.optional("tier")) {
      std::vector<std::string> names;
      names.reserve(kUnitTiers.size());
      for (const Tier one : kUnitTiers) names.push_back(unit_name(one));
      choice.terms.tier = kUnitTiers[tier->choice("tier of units", names)];
    }
  }
  if (choice.kind->is_random)
    if (const auto seed = map.optional("seed"))
      choice.terms.seed = static_cast<std::uint64_t>(seed->integer(0, INT64_MAX));
  map.finish();
  return choice;
}

std::size_t chips_for(const PlacementChoice& choice, const yaml::Node& node, std::size_t ranks, std::uint64_t held,
                      std::uint64_t most) {
  if (choice.among == 0)
    return choice.kind->is_random ? std::max(ranks, static_cast<std::size_t>(std::min(held, most))) : ranks;
  const yaml::Node among = *key_in(node, "among");
  if (choice.among > held) among.fail(fmt::format("the cluster has {} chips", held));
  if (choice.among > most) among.fail(fmt::format("at most {} chips can be simulated", most));
  if (choice.among < ranks) among.fail(fmt::format("{} ranks need as many chips", ranks));
  return choice.among;
}

void check_units(const PlacementChoice& choice, const yaml::Node& node, const Fabric& fabric) {
  const auto tier = key_in(node, "tier");
  if (!tier || fabric.chip_count() < 2) return;
  const std::vector<std::uint32_t> unit = units_of(fabric, choice.terms.tier);
  if (std::all_of(unit.begin(), unit.end(), [&](std::uint32_t one) { return one == unit.front(); }))
    tier->fail(fmt::format("links of this tier and below join all {} chips: they are one unit, and {} is packed then",
                           unit.size(), choice.kind->name));
}

}  // namespace orrery
