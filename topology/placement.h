// Which chip runs which rank: strategies by name.
#pragma once

#include <string_view>
#include <vector>

#include "sim/base/registry.h"
#include "topology/fabric.h"

namespace orrery {

using RankId = Id<struct RankTag>;
using Placement = Table<RankId, ChipId>;  // rank → chip, each chip at most once

struct PlacementKind {
  std::string_view name;  // "packed": rank r on chip r; "spread": round-robin over nodes; …
  std::string_view sentence;
  Placement (*place)(const Fabric& fabric, std::size_t ranks);  // RunError if there are more ranks than chips
};
using Placements = Registry<PlacementKind>;

}  // namespace orrery
