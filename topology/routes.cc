// Asks the routing, and adds up latencies.
#include "topology/routes.h"

#include <algorithm>

namespace orrery {

const PathBundle& Routes::paths(ChipId from, ChipId to) {
  paths_.clear();
  if (from == to) {
    paths_.add({}, 1);
  } else if (const auto known = known_.find(from, to)) {
    paths_.add(*known, 1);
  } else {
    routing_->find(from, to, paths_);
    if (paths_.size() == 1 && !routing_->depends_on_order()) known_.keep(from, to, paths_[0].links);
  }
  return paths_;
}

Duration Routes::latency(std::span<const LinkId> route) const {
  Duration sum;
  for (const LinkId link : route) sum += fabric_->links()[link].latency;
  return sum;
}

Duration Routes::longest_latency(const PathBundle& paths) const {
  Duration longest;
  for (std::size_t i = 0; i < paths.size(); ++i) longest = std::max(longest, latency(paths[i].links));
  return longest;
}

}  // namespace orrery
