// The paths that share what goes from one chip to another, each with the part that it takes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "topology/fabric.h"

namespace orrery {

struct SharedPath {
  std::span<const LinkId> links;  // in order of travel
  double share = 1;               // of the bytes; those of a bundle add up to 1
};

// Flat, so that a bundle that is filled again and again allocates nothing.
class PathBundle {
 public:
  void clear() {
    links_.clear();
    ends_.clear();
  }
  void add(std::span<const LinkId> links, double share) {
    links_.insert(links_.end(), links.begin(), links.end());
    ends_.push_back({static_cast<std::uint32_t>(links_.size()), share});
  }
  [[nodiscard]] std::size_t size() const { return ends_.size(); }
  // Valid until the bundle changes.
  [[nodiscard]] SharedPath operator[](std::size_t path) const {
    const std::uint32_t first = path == 0 ? 0 : ends_[path - 1].link;
    return {std::span(links_).subspan(first, ends_[path].link - first), ends_[path].share};
  }

 private:
  struct End {
    std::uint32_t link;
    double share;
  };
  std::vector<LinkId> links_;  // of all paths, one after another
  std::vector<End> ends_;
};

}  // namespace orrery
