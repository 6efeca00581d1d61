// Reads a name, or a mapping with a name and what that routing asks for beside it.
#include "topology/routing/routing.h"

#include <limits>

namespace orrery {
namespace {

const RoutingKind* routing_named(const yaml::Node& node) {
  const std::vector<std::string> names = Routings::names();
  return Routings::find(names[node.choice("routing", names)]);
}

}  // namespace

std::optional<yaml::Node> RoutingText::optional(std::string_view key) const {
  return keys == nullptr ? std::nullopt : keys->optional(key);
}

std::uint64_t RoutingText::seed() const {
  const auto node = optional("seed");
  return node ? static_cast<std::uint64_t>(node->integer(0, std::numeric_limits<std::int64_t>::max())) : 0;
}

std::uint64_t RoutingText::flows() const {
  constexpr std::int64_t kMostFlows = 1024;
  const auto node = optional("flows");
  return node ? static_cast<std::uint64_t>(node->integer(1, kMostFlows)) : 1;
}

RoutingChoice read_routing(const yaml::Node& node, const Fabric& fabric) {
  if (!node.is_map()) {
    const RoutingKind* kind = routing_named(node);
    return {kind, kind->read({node}, fabric)};
  }
  yaml::Map map(node, "a routing");
  const yaml::Node name = map.required("name");
  const RoutingKind* kind = routing_named(name);
  RoutingMaker make = kind->read({name, &map}, fabric);
  map.finish();
  return {kind, std::move(make)};
}

}  // namespace orrery
