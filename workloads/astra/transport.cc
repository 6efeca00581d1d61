// Links by number: of a ring two a node, of a switch one up and one down, of a full mesh one for each pair.
#include "workloads/astra/transport.h"

#include <algorithm>

namespace orrery::astra {

std::uint64_t Transport::link_of(const Travel& travel) const {
  const NetworkInput::Dimension& dimension = network_->input().dimensions.front();
  const std::uint64_t npus = dimension.npus;
  const std::uint64_t ahead = (travel.to + npus - travel.from) % npus;
  if (dimension.shape == Shape::kSwitch) {
    const std::uint64_t node = travel.gone == 0 ? travel.from : travel.to;
    return (alike_ ? 0 : node) * 2 + travel.gone;
  }
  if (dimension.shape == Shape::kFullyConnected) return alike_ ? ahead : travel.from * npus + travel.to;
  const bool clockwise = ahead <= npus - ahead;
  const std::uint64_t at = (travel.from + (clockwise ? travel.gone : npus - travel.gone)) % npus;
  return (alike_ ? 0 : at) * 2 + (clockwise ? 0 : 1);
}

Nanoseconds Transport::next(Travel& travel, Nanoseconds now) {
  if (travel.gone == 0) travel.way = network_->way(travel.from, travel.to);
  if (congestion_ == Congestion::kUnaware) {
    travel.gone = travel.way.hops;
    return now + network_->alone(travel.way, travel.bytes);
  }
  const NetworkInput::Dimension& dimension = network_->input().dimensions.front();
  const double across = static_cast<double>(travel.bytes) / dimension.bytes_per_ns;
  Nanoseconds& free_at = free_at_[link_of(travel)];
  const Nanoseconds begin = std::max(now, free_at);
  free_at = begin + static_cast<Nanoseconds>(across);
  ++travel.gone;
  return begin + static_cast<Nanoseconds>(dimension.latency + across);
}

}  // namespace orrery::astra
