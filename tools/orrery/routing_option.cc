// Puts a routing and its seed together as a file would have them.
#include "tools/orrery/routing_option.h"

#include <fmt/format.h>

#include <limits>

namespace orrery {

void RoutingOption::declare(CLI::App& command) {
  command
      .add_option("--routing", routing,
                  "how paths are chosen: a name that `orrery list routings` prints, or {name: NAME, KEY: VALUE} "
                  "(default: minimal)")
      ->type_name("NAME");
  command.add_option("--seed", seed, "of the routing: another seed, other paths (default: 0)")
      ->check(CLI::Range(std::int64_t{0}, std::numeric_limits<std::int64_t>::max()))
      ->type_name("N");
}

std::string RoutingOption::text(const std::string& otherwise) const {
  const std::string& said = routing.empty() ? otherwise : routing;
  if (!seed) return said;
  const yaml::Node node = yaml::parse(said, "--routing");
  if (node.is_map()) return yaml::resolved_text(yaml::parse(said, "--routing", {{"seed", fmt::format("{}", *seed)}}));
  if (node.text() == "minimal")
    throw InputError({.file = "--seed", .line = 1, .column = 1, .line_text = fmt::format("{}", *seed)},
                     "a seed changes nothing with minimal routes; --routing ecmp is one of those that have a seed");
  return fmt::format("{{name: {}, seed: {}}}", node.text(), *seed);
}

RoutingChoice RoutingOption::read(const Fabric& fabric) const {
  return read_routing(yaml::parse(text(), "--routing"), fabric);
}

}  // namespace orrery
