// Whether rates are max-min fair, checked from the definition alone, without the solver's help.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include "sim/fluid/max_min.h"

namespace certificate {

inline constexpr double kSlip = 1e-9;

// What an activity was added with.
struct Asked {
  std::vector<orrery::Use> uses;
  double weight = 1;
  double most = std::numeric_limits<double>::infinity();
};
using Present = std::map<orrery::ActivityId, Asked>;

// Nothing is over capacity, loads are as the system says, and everyone is at its cap or has a full resource on which
// nobody gets more, weight for weight.
inline bool is_fair(const orrery::MaxMin& system, const std::vector<double>& capacities, const Present& present) {
  std::vector<double> load(capacities.size(), 0);
  std::vector<double> highest(capacities.size(), 0);
  for (const auto& [id, asked] : present) {
    if (!(system.rate(id) >= 0)) return false;
    for (const orrery::Use& use : asked.uses) {
      load[use.resource.index()] += use.amount * system.rate(id);
      highest[use.resource.index()] = std::max(highest[use.resource.index()], system.rate(id) / asked.weight);
    }
  }
  for (std::size_t r = 0; r < capacities.size(); ++r) {
    if (load[r] > capacities[r] * (1 + kSlip)) return false;
    if (std::abs(load[r] - system.load(orrery::ResourceId(r))) > kSlip * (1 + load[r])) return false;
  }
  return std::all_of(present.begin(), present.end(), [&](const auto& entry) {
    const auto& [id, asked] = entry;
    const double level = system.rate(id) / asked.weight;
    return system.rate(id) >= asked.most * (1 - kSlip) ||
           std::any_of(asked.uses.begin(), asked.uses.end(), [&](const orrery::Use& use) {
             const std::size_t r = use.resource.index();
             return load[r] >= capacities[r] * (1 - kSlip) && level >= highest[r] * (1 - kSlip);
           });
  });
}

}  // namespace certificate
