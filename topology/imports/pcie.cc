// Rates of PCI Express links.
#include "topology/imports/pcie.h"

#include <algorithm>
#include <cmath>

namespace orrery {

Bandwidth pcie_bandwidth(double gigatransfers, double lanes) {
  constexpr double kMost = 64;
  const double rate = std::clamp(gigatransfers, 0.0, kMost);
  const double payload = rate <= 5 ? 8.0 / 10 : rate <= 32 ? 128.0 / 130 : 242.0 / 256;
  const double bytes = rate * 1e9 / 8 * payload * std::clamp(lanes, 0.0, kMost);
  return Bandwidth::bytes_per_second(std::max<std::int64_t>(1, std::llround(bytes)));
}

Link pcie_link(Bandwidth bandwidth) {
  return {.from = {},
          .to = {},
          .bandwidth = bandwidth,
          .latency = kPcieLatency,
          .kind = LinkKind::kPcie,
          .tier = Tier::kHost};
}

}  // namespace orrery
