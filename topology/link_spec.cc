// Reads the description of a cable.
#include "topology/link_spec.h"

#include <string>
#include <vector>

namespace orrery {
namespace {

// A latency over a second isn't a cable's.
constexpr Duration kLongestLatency = Duration::microseconds(1'000'000);

// Once round the Earth: longer cables are slips of the pen.
constexpr double kLongestCable = 40'075e3;

}  // namespace

Duration time_in_fibre(double length) {
  constexpr double kLightSpeed = 299'792'458;  // m/s in vacuum, by definition
  constexpr double kGroupIndex = 1.468;
  return Duration::seconds(length * kGroupIndex / kLightSpeed);
}

Link read_link(yaml::Map& map, LinkKind kind, Tier tier) {
  Link link;
  link.bandwidth = map.required("bandwidth").bandwidth();
  link.latency = map.required("latency").duration(Duration(), kLongestLatency);
  if (const auto node = map.optional("length")) {
    const double meters = node->meters();
    if (meters > kLongestCable) node->fail("a cable can't be longer than once round the Earth: 40075 km");
    link.latency += time_in_fibre(meters);
  }
  link.kind = kind;
  link.tier = tier;
  if (const auto node = map.optional("efficiency")) {
    link.efficiency = node->ratio();
    if (link.efficiency <= 0) node->fail("a link's efficiency must be more than 0");
  }
  if (const auto node = map.optional("kind")) {
    const std::vector<std::string> kinds = {"nvlink", "pcie", "network", "optics"};
    link.kind = static_cast<LinkKind>(static_cast<std::size_t>(LinkKind::kNvlink) + node->choice("link kind", kinds));
  }
  if (const auto node = map.optional("tier")) {
    const std::vector<std::string> tiers = {"scale_up", "host", "rail", "spine", "core", "wan"};
    link.tier = static_cast<Tier>(static_cast<std::size_t>(Tier::kScaleUp) + node->choice("tier", tiers));
  }
  if (const auto node = map.optional("energy_per_byte")) link.joules_per_byte = node->joules().value();
  if (const auto node = map.optional("source"); node && node->text().empty())
    node->fail("a source says where numbers come from, but this one is empty");
  return link;
}

Link read_link(const yaml::Node& node, LinkKind kind, Tier tier) {
  yaml::Map map(node, "a link");
  const Link link = read_link(map, kind, tier);
  map.finish();
  return link;
}

Link read_link_above(yaml::Map& map, std::string_view key, const Link& below, Tier tier) {
  if (const auto node = map.optional(key)) return read_link(*node, LinkKind::kNetwork, tier);
  Link link = below;
  link.tier = tier;
  return link;
}

}  // namespace orrery
