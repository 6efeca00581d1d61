// Groups of all shapes for the tests of schedules.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "sim/collective/schedule.h"

namespace orrery {

inline constexpr CollectiveKind kAllKinds[] = {
    CollectiveKind::kAllReduce, CollectiveKind::kAllGather, CollectiveKind::kReduceScatter, CollectiveKind::kBroadcast,
    CollectiveKind::kAllToAll,  CollectiveKind::kSendRecv,  CollectiveKind::kReduce,        CollectiveKind::kGather,
    CollectiveKind::kScatter,   CollectiveKind::kAllToAllV, CollectiveKind::kBarrier};

// `nodes` nodes of `each` members, positions node by node.
inline Group block_group(std::size_t nodes, std::size_t each) {
  Group group;
  for (std::size_t p = 0; p < nodes * each; ++p) group.node.push_back(static_cast<std::uint32_t>(p / each));
  return group;
}

inline Group grid_group(const std::vector<std::int32_t>& dimensions) {
  Group group;
  std::size_t size = 1;
  for (const std::int32_t d : dimensions) size *= static_cast<std::size_t>(d);
  group = block_group(size, 1);
  group.dimensions = dimensions;
  return group;
}

inline Schedule write(std::string_view algorithm, CollectiveKind kind, const Group& group, std::int64_t bytes) {
  return CollectiveAlgorithms::find(algorithm)->write(kind, group, Bytes(bytes));
}

// Bytes that each position sends, over all steps and repeats.
inline std::vector<std::int64_t> bytes_sent(const Schedule& schedule, std::size_t positions) {
  std::vector<std::int64_t> bytes(positions, 0);
  for (const Step& step : schedule.steps)
    for (const Transfer& transfer : step.transfers)
      bytes[static_cast<std::size_t>(transfer.from)] += step.bytes.count() * transfer.count * transfer.pieces;
  return bytes;
}

}  // namespace orrery
