// The part of a mesh or torus that some chips fill: what algorithms need that go along its lines.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "topology/fabric.h"

namespace orrery {

// Sizes d₀, d₁, …, the fastest first, if the chips in their order are a grid whose neighbours are joined by cables of
// their own, those along a dimension all of one dimension of the fabric: chip c₀ + d₀·(c₁ + d₁·…) stands at c. Empty
// where they are none. A line of chips, or all of a clique, is a grid of one dimension.
[[nodiscard]] std::vector<std::int32_t> filled_grid(const Fabric& fabric, std::span<const ChipId> chips);

}  // namespace orrery
