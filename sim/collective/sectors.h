// A schedule that looks the same from every sector of its positions, cut to the messages of a few sectors.
#pragma once

#include <cstddef>
#include <optional>

#include "sim/collective/schedule.h"

namespace orrery {

// Positions 0 … n−1 stand in a circle of n ÷ sector sectors. The schedule is alike if turning every position by a
// sector gives the same transfers, each channel's going round sector by sector, either way: a ring over nodes in order
// is, a tree is not. Cut to `kept` < n ÷ sector sectors it has the transfers that these send, who sends to whom closed
// to a smaller circle of `kept` sectors; sizes and repeats stay those of n. Every position then sends and receives what
// it does in the whole, to and from positions at the same distance.
//
// Nothing if it isn't alike, or if what joins two sectors would join a sector with itself in the smaller circle or the
// other way round.
[[nodiscard]] std::optional<Schedule> cut_to_sectors(const Schedule& schedule, std::size_t n, std::size_t sector,
                                                     std::size_t kept);

}  // namespace orrery
