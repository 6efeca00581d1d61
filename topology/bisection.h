// The bandwidth between two halves of a cluster's chips, at the weakest of its balanced splits.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "topology/fabric.h"

namespace orrery {

// Splits tried, n chips in order: for each even divisor p of n, the chips whose number modulo p is below p/2 against
// the rest. p = n is the first half against the second; smaller p cut a grid along its faster dimensions, or nodes
// through their middle. (n odd: the first ⌊n/2⌋ against the rest, only.) The bandwidth of a split is the maximum flow
// from one half to the other through everything but HBM, over printed rates, one way. The least of these is an upper
// bound of the bisection bandwidth, and equals it for the shapes of Orrery whose dimensions are even.
struct Bisection {
  double bandwidth = 0;        // bytes/s
  std::size_t period = 0;      // p of the weakest split
  std::size_t tried = 0;       // splits
  std::size_t candidates = 0;  // splits there are; fewer were tried where that would take too long, longest p first
};

// Empty for fewer than two chips, or where every split that was tried would take too long: a million cables that all
// differ (with switches; flows are found between classes of equal vertices, topology/colouring.h).
[[nodiscard]] std::optional<Bisection> bisection(const Fabric& fabric);

// The maximum flow from the chips whose `side` is false to the others, bytes/s.
[[nodiscard]] double flow_between(const Fabric& fabric, const std::vector<bool>& side);

}  // namespace orrery
