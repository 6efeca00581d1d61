// Which chip runs which rank: strategies by name.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "sim/base/registry.h"
#include "sim/base/yaml.h"
#include "topology/fabric.h"

namespace orrery {

using RankId = Id<struct RankTag>;
using Placement = Table<RankId, ChipId>;  // rank → chip, each chip at most once

// What a strategy takes as its units: chips that are joined below some tier. Chips of a node come in order.
struct PlacementTerms {
  Tier tier = Tier::kScaleUp;  // kScaleUp: nodes; kHbm: each chip by itself; others: see units_of
  std::uint64_t seed = 1;      // of random
};

struct PlacementKind {
  std::string_view name;  // "packed": rank r on chip r; "spread": round-robin over nodes; …
  std::string_view sentence;
  bool has_units;  // it looks at the tier …
  bool is_random;  // … and at the seed
  // On some of the `free` chips, which are in order. RunError if there are more ranks than that.
  Placement (*place)(const Fabric& fabric, std::span<const ChipId> free, std::size_t ranks,
                     const PlacementTerms& terms);
};
using Placements = Registry<PlacementKind>;

// All chips of a fabric, in order.
[[nodiscard]] std::vector<ChipId> all_chips(const Fabric& fabric);

// Which unit each chip stands in: the node (scale_up), itself (hbm), or all that are joined by links of this tier and
// those below it: under one set of leaves (rail), in one pod (spine), at one site (core). Numbered as they come.
[[nodiscard]] std::vector<std::uint32_t> units_of(const Fabric& fabric, Tier tier);

// A placement as a file names it:
//
//     placement: spread
//     placement: {name: random, seed: 7, tier: rail, among: 512}
//
// `tier`: chip, scale_up (nodes; the default), rail, spine or core: the units that spread deals ranks to in turn, and
// that random fills one after another in an order by chance. `among`: how many of the cluster's chips, from the first
// on, may be taken; as many as ranks for spread, all of them for random. InputError for anything else.
struct PlacementChoice {
  const PlacementKind* kind = nullptr;
  PlacementTerms terms;
  std::size_t among = 0;  // 0: not said
};
[[nodiscard]] PlacementChoice read_placement(const yaml::Node& node);
// How many chips of a cluster that holds `held` are to be built for so many ranks; at most `most`, unless they need
// more. InputError where `among` is more than there are, or too few.
[[nodiscard]] std::size_t chips_for(const PlacementChoice& choice, const yaml::Node& node, std::size_t ranks,
                                    std::uint64_t held, std::uint64_t most);
// InputError at a tier that makes one unit of all: it would change nothing.
void check_units(const PlacementChoice& choice, const yaml::Node& node, const Fabric& fabric);

}  // namespace orrery
