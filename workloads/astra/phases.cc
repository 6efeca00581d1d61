// Dimensions with one member have been refused when the network was read, so every involved one has a phase.
#include "workloads/astra/phases.h"

#include <algorithm>

namespace orrery::astra {

std::vector<PhasePlan> phases_of(Kind kind, const SystemInput& system, const std::vector<Implementation>& all,
                                 const std::vector<bool>& involved) {
  std::vector<PhasePlan> up;
  for (std::uint32_t d = 0; d < all.size(); ++d)
    if (d >= involved.size() || involved[d]) up.push_back({kind, d, all[d]});
  if (kind == Kind::kAllGather) std::reverse(up.begin(), up.end());
  if (kind != Kind::kAllReduce || !system.local_bandwidth_aware || up.empty()) return up;
  std::vector<PhasePlan> phases = up;
  for (std::size_t i = 0; i + 1 < up.size(); ++i) phases[i].kind = Kind::kReduceScatter;
  for (std::size_t i = up.size() - 1; i-- > 0;) {
    phases.push_back(up[i]);
    phases.back().kind = Kind::kAllGather;
  }
  return phases;
}

std::vector<std::uint64_t> chunks_of(std::uint64_t bytes, std::int64_t splits) {
  const std::uint64_t chunk = std::max<std::uint64_t>(1, bytes / static_cast<std::uint64_t>(splits));
  std::vector<std::uint64_t> chunks;
  for (std::uint64_t left = bytes; left > 0; left -= chunks.back()) chunks.push_back(std::min(left, chunk));
  return chunks;
}

}  // namespace orrery::astra
