// How long messages are under way: each alone, or one after another on every link (store and forward).
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "workloads/astra/logical_network.h"

namespace orrery::astra {

enum class Congestion : std::uint8_t { kUnaware, kAware };

// A message on its way. ASTRA-sim's congestion-aware model hands the whole of it from link to link: each is busy for
// ⌊bytes/bandwidth⌋ and has it at the far end ⌊latency + bytes/bandwidth⌋ after it began, in order of arrival.
struct Travel {
  std::uint64_t bytes = 0;
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  std::uint32_t gone = 0;        // hops
  LogicalNetwork::Way way = {};  // once it has set out
};

class Transport {
 public:
  // `alike`: all NPUs do the same at the same time, so that one's links stand for everybody's.
  Transport(const LogicalNetwork& network, Congestion congestion, bool alike)
      : network_(&network), congestion_(congestion), alike_(alike) {}

  // When the message is through its next hop (with kUnaware: through all of them).
  [[nodiscard]] Nanoseconds next(Travel& travel, Nanoseconds now);
  [[nodiscard]] static bool arrived(const Travel& travel) { return travel.gone >= travel.way.hops; }

 private:
  [[nodiscard]] std::uint64_t link_of(const Travel& travel) const;

  const LogicalNetwork* network_;
  Congestion congestion_;
  bool alike_;
  std::unordered_map<std::uint64_t, Nanoseconds> free_at_;  // by link
};

}  // namespace orrery::astra
