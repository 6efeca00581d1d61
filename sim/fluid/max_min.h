// Resources, activities and the weighted max-min fair rates between them, kept up to date as activities come and go.
//
// The law. Resource r has capacity C_r. Activity a makes progress at rate x_a ≥ 0 and draws u_ra·x_a from each resource
// that it uses. Rates are weighted max-min fair: for every a there is a resource r with Σ_b u_rb·x_b = C_r and x_a/w_a
// ≥ x_b/w_b for all b on r (its bottleneck); no resource is over capacity. That allocation is unique (progressive
// filling).
//
// Owns no clock and knows no amounts: who uses it decides when an activity is done.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/base/ids.h"

namespace orrery {

using ResourceId = Id<struct ResourceTag>;
using ActivityId = Id<struct ActivityTag>;  // reused after remove()

// What one unit of an activity's progress takes of a resource. Several uses of one resource in a list add up.
struct Use {
  ResourceId resource;
  double amount = 0;  // > 0
};

class MaxMin {
 public:
  // Capacities are finite and ≥ 0 (0: whatever uses it stands still).
  explicit MaxMin(std::vector<double> capacities);
  ~MaxMin();

  // `uses` is copied; it may not be empty. weight > 0.
  ActivityId add(std::span<const Use> uses, double weight);
  void remove(ActivityId activity);
  void set_capacity(ResourceId resource, double capacity);

  // Brings all rates up to date and returns the activities whose rate changed since the last call (those added
  // included), in order of id. Valid until the next call of any member.
  [[nodiscard]] std::span<const ActivityId> solve();

  [[nodiscard]] double rate(ActivityId activity) const;  // as of the last solve()
  [[nodiscard]] double load(ResourceId resource) const;  // Σ use·rate, as of the last solve()
  [[nodiscard]] std::size_t activity_count() const;

 private:
  struct State;
  State* state_;
};

}  // namespace orrery
