// Flattens lowered phases into shared arrays.
#include "sim/kernel/phases.h"

namespace orrery::kernel {

PhasesId PhaseBook::add(const std::vector<FluidPhase>& phases) {
  const PhasesId id =
      entries_.add({static_cast<std::uint32_t>(phases_.size()), static_cast<std::uint32_t>(phases.size()), 0});
  for (const FluidPhase& phase : phases) {
    phases_.push_back({.first_use = static_cast<std::uint32_t>(uses_.size()),
                       .use_count = static_cast<std::uint32_t>(phase.uses.size()),
                       .first_path = static_cast<std::uint32_t>(paths_.size()),
                       .path_count = static_cast<std::uint32_t>(phase.paths.size()),
                       .first_link = static_cast<std::uint32_t>(links_.size()),
                       .link_count = static_cast<std::uint32_t>(phase.links.size()),
                       .bytes = phase.bytes,
                       .weight = phase.weight,
                       .most = phase.most,
                       .latency = phase.latency});
    uses_.insert(uses_.end(), phase.uses.begin(), phase.uses.end());
    paths_.insert(paths_.end(), phase.paths.begin(), phase.paths.end());
    links_.insert(links_.end(), phase.links.begin(), phase.links.end());
  }
  return id;
}

void PhaseBook::add_work(std::vector<double>& work) const {
  for (const Entry& entry : entries_) {
    const auto times = static_cast<double>(entry.times);
    for (std::uint32_t k = 0; k < entry.count; ++k) {
      const Phase& phase = phases_[entry.first + k];
      for (std::uint32_t u = phase.first_use; u < phase.first_use + phase.use_count; ++u)
        work[uses_[u].resource.index()] += times * uses_[u].amount;
    }
  }
}

}  // namespace orrery::kernel
