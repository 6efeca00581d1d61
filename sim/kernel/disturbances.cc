// Plays a sorted list of changes.
#include "sim/kernel/disturbances.h"

#include <algorithm>
#include <tuple>

namespace orrery::kernel {

Disturbances::Disturbances(std::vector<double> capacities, std::vector<CapacityChange> changes)
    : capacities_(std::move(capacities)), changes_(std::move(changes)) {
  std::stable_sort(changes_.begin(), changes_.end(), [](const CapacityChange& a, const CapacityChange& b) {
    return std::tuple(a.at, a.resource) < std::tuple(b.at, b.resource);
  });
  // CORRECTNESS: of changes that fall together the last holds; the network never hears of the others.
  std::size_t kept = 0;
  for (const CapacityChange& change : changes_) {
    const bool again = kept > 0 && changes_[kept - 1].at == change.at && changes_[kept - 1].resource == change.resource;
    changes_[again ? kept - 1 : kept++] = change;
  }
  changes_.resize(kept);
}

void Disturbances::apply(Network& network, Time now) {
  for (; done_ < changes_.size() && changes_[done_].at <= now; ++done_) {
    const CapacityChange& change = changes_[done_];
    double& capacity = capacities_[change.resource.index()];
    if (capacity == change.capacity) continue;
    capacity = change.capacity;
    network.set_capacity(change.resource, capacity, now);
  }
}

std::optional<Time> Disturbances::changed(ResourceId resource) const {
  std::optional<CapacityChange> last;
  for (std::size_t i = 0; i < done_; ++i) {
    const CapacityChange& change = changes_[i];
    if (change.resource == resource && (!last || last->capacity != change.capacity)) last = change;
  }
  return last ? std::optional(last->at) : std::nullopt;
}

}  // namespace orrery::kernel
