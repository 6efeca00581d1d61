// Single paths that were asked for before, so that an all-to-all of a thousand chips is routed once, not once a size.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "topology/fabric.h"

namespace orrery {

// Of the first 2,048 chips that are asked about: what is beyond that is looked for anew each time. Memory is for the
// pairs of those chips and for the links of their paths, at most 2²⁵.
class KnownPaths {
 public:
  // Valid until the next keep().
  [[nodiscard]] std::optional<std::span<const LinkId>> find(ChipId from, ChipId to) const;
  void keep(ChipId from, ChipId to, std::span<const LinkId> path);

 private:
  static constexpr std::uint32_t kMostChips = 2048;
  static constexpr std::size_t kMostLinks = std::size_t{1} << 25U;
  struct Kept {
    std::uint32_t first = 0;  // into links_
    std::uint32_t count = 0;  // of no links: not kept
  };
  [[nodiscard]] std::uint32_t number_of(ChipId chip);

  std::vector<std::uint32_t> numbers_;    // by chip, from 1 as they come up; 0: none yet
  std::uint32_t numbered_ = 0;            // chips that have one
  std::vector<std::vector<Kept>> paths_;  // by number of sender, by number of receiver
  std::vector<LinkId> links_;
};

}  // namespace orrery
