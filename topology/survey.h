// What a cluster is made of and what it can carry: counts, diameter, bisection, bytes per FLOP at each tier.
#pragma once

#include <string>
#include <vector>

#include "topology/bisection.h"
#include "topology/cluster.h"
#include "topology/diameter.h"

namespace orrery {

// Rates are as printed on the links, not times their efficiency.
struct Survey {
  std::string cluster;
  std::string source;
  std::string chip;
  std::size_t chips = 0;
  std::size_t nodes = 0;

  struct VertexCount {
    VertexKind kind = VertexKind::kEngine;
    std::size_t count = 0;
  };
  std::vector<VertexCount> vertices;  // kinds that occur, in order of kind

  // The links of one tier that lead to one kind of vertex, one way, seen from the chips: of two ends, a link leads from
  // the one that is fewer hops from any chip (between equals, both directions count).
  struct Step {
    Tier tier = Tier::kHbm;
    VertexKind to = VertexKind::kHbm;
    LinkKind kind = LinkKind::kOnPackage;  // of the first of them
    std::size_t links = 0;                 // one-way, outward
    double injection = 0;                  // bytes/s a chip: their bandwidth ÷ chips
    double bytes_per_flop = 0;             // injection ÷ matrix peak of a chip
    double efficiency = 0;                 // mean, weighted by bandwidth
  };
  std::vector<Step> steps;  // in order of (tier, to)
  std::size_t links = 0;    // one-way, all of them

  Precision precision =
      Precision::kBf16;  // of the peak that bytes_per_flop speaks of: BF16, else the nearest the chip has
  FlopRate peak;
  Diameter diameter;
  std::optional<Bisection> bisection;  // empty: too large to be worked out, or a single chip
};

[[nodiscard]] Survey survey(const Cluster& cluster);
[[nodiscard]] std::string to_text(const Survey& survey);

}  // namespace orrery
