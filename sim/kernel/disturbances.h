// Resources that fail, recover or throttle while a run is under way: what they give at this instant, and what is next.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "sim/kernel/engine.h"

namespace orrery::kernel {

class Disturbances {
 public:
  // `capacities`: what the network is made with.
  Disturbances(std::vector<double> capacities, std::vector<CapacityChange> changes);

  // Time::max() when nothing changes any more.
  [[nodiscard]] Time next() const { return done_ < changes_.size() ? changes_[done_].at : Time::max(); }
  // Tells the network of all changes up to `now`. One that changes nothing is no news to it.
  void apply(Network& network, Time now);

  [[nodiscard]] std::span<const double> capacities() const { return capacities_; }  // at this instant
  // When it got the capacity that it has; nothing if it has had it from the beginning.
  [[nodiscard]] std::optional<Time> changed(ResourceId resource) const;

 private:
  std::vector<double> capacities_;
  std::vector<CapacityChange> changes_;  // in order of time
  std::size_t done_ = 0;                 // of them
};

}  // namespace orrery::kernel
