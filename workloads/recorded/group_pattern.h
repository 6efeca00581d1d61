// How a group of recorded ranks goes on over ranks that nobody recorded: evenly spaced groups repeat or grow.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/base/ids.h"
#include "topology/placement.h"

namespace orrery::recorded {

// Ranks first, first + stride, …, as a dimension of a process grid makes them.
struct GroupPattern {
  std::uint32_t stride = 1;
  std::uint32_t size = 1;

  // So many ranks hold `stride` such groups, one beside the other.
  [[nodiscard]] std::uint32_t block() const { return stride * size; }
  [[nodiscard]] std::uint32_t first_of(std::uint32_t rank) const { return rank - (rank / stride) % size * stride; }
  [[nodiscard]] std::vector<RankId> members_of(std::uint32_t rank) const;

  friend auto operator<=>(const GroupPattern&, const GroupPattern&) = default;
};

// Nothing where the members (in ascending order) aren't evenly spaced, don't begin where a dimension of a grid would,
// or don't divide the world.
[[nodiscard]] std::optional<GroupPattern> pattern_of(const std::vector<std::uint32_t>& members, std::uint32_t world);

// The same over more ranks: what reaches over the whole world grows with it, all else repeats. Nothing where `ranks`
// doesn't divide so.
[[nodiscard]] std::optional<GroupPattern> carried_on(const GroupPattern& pattern, std::uint32_t world,
                                                     std::uint32_t ranks);

}  // namespace orrery::recorded
