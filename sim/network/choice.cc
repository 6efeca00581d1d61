// Reads a name, or a mapping with a name and what that model asks for beside it.
#include "sim/network/choice.h"

namespace orrery {

namespace {

const NetworkKind* kind_named(const yaml::Node& node) {
  const std::vector<std::string> names = Networks::names();
  return Networks::find(names[node.choice("network", names)]);
}

}  // namespace

NetworkChoice read_network(const yaml::Node& node) {
  if (!node.is_map()) return {kind_named(node), {}};
  yaml::Map map(node, "a network");
  NetworkChoice choice{kind_named(map.required("name")), {}};
  if (choice.kind->read != nullptr) choice.make = choice.kind->read(map);
  map.finish();
  return choice;
}

}  // namespace orrery
