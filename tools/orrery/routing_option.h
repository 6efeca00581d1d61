// How a verb takes a routing: --routing with a name or a mapping, and --seed beside it.
#pragma once

#include <optional>
#include <string>

#include "tools/orrery/verb.h"
#include "topology/routing/routing.h"

namespace orrery {

struct RoutingOption {
  std::string routing;  // empty: as it stands without
  std::optional<std::int64_t> seed;

  void declare(CLI::App& command);
  [[nodiscard]] bool given() const { return !routing.empty() || seed; }
  // One YAML text: the routing, or `otherwise` where none is given, with the seed. InputError for a seed of `minimal`.
  [[nodiscard]] std::string text(const std::string& otherwise = "minimal") const;
  [[nodiscard]] RoutingChoice read(const Fabric& fabric) const;
};

}  // namespace orrery
