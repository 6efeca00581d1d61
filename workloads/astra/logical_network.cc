// Coordinates by division, dimension 0 fastest.
#include "workloads/astra/logical_network.h"

#include <algorithm>

namespace orrery::astra {

LogicalNetwork::LogicalNetwork(NetworkInput input) : input_(std::move(input)), npus_(input_.npus()) {
  std::uint32_t stride = 1;
  for (const NetworkInput::Dimension& dimension : input_.dimensions) {
    strides_.push_back(stride);
    stride *= dimension.npus;
  }
}

LogicalNetwork::Way LogicalNetwork::way(std::uint32_t from, std::uint32_t to) const {
  for (std::uint32_t d = 0; d < strides_.size(); ++d) {
    const NetworkInput::Dimension& dimension = input_.dimensions[d];
    const std::uint32_t a = from / strides_[d] % dimension.npus;
    const std::uint32_t b = to / strides_[d] % dimension.npus;
    if (a == b) continue;
    if (dimension.shape == Shape::kSwitch) return {d, 2};
    if (dimension.shape == Shape::kFullyConnected) return {d, 1};
    const std::uint32_t apart = a < b ? b - a : a - b;
    return {d, std::min(apart, dimension.npus - apart)};
  }
  return {};
}

Nanoseconds LogicalNetwork::alone(Way way, std::uint64_t bytes) const {
  const NetworkInput::Dimension& dimension = input_.dimensions[way.dimension];
  if (way.hops == 0) return 0;
  return static_cast<Nanoseconds>(way.hops * dimension.latency + static_cast<double>(bytes) / dimension.bytes_per_ns);
}

LogicalNetwork::Place LogicalNetwork::along(std::uint32_t dimension, std::uint32_t npu) const {
  const std::uint32_t stride = strides_[dimension];
  const std::uint32_t members = input_.dimensions[dimension].npus;
  const std::uint32_t place = npu / stride % members;
  return {npu - place * stride, stride, members, place};
}

}  // namespace orrery::astra
