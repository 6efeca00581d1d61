// One rank's trace as a role: its ops in order on its streams, and what each waits for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "workloads/chakra/node_reading.h"
#include "workloads/chakra/process_groups.h"

namespace orrery::chakra {

// Streams of others' traces. Receives have streams of their own after these, one for each rank and tag that is received
// from.
inline constexpr std::uint16_t kCpuStream = 2;
inline constexpr std::uint16_t kCommunicationStream = 3;
inline constexpr std::uint16_t kFirstReceiveStream = 4;

struct RankTrace {
  Role role;  // bodies of collectives are indices into TraceBook::collectives
  std::vector<NodeReading::Slot> slots;
  GroupLists groups;  // that its nodes of metadata define
  std::uint16_t streams = 0;
  std::size_t dangling = 0;  // control dependencies on nodes that aren't there
  std::set<std::string> unheeded;
  std::size_t timeless = 0;
};

// Others' traces. A unit starts its nodes in the order of list_schedule(). What was sent waits at the receiver until
// the trace comes to receive it: so a receive stands open from the start, and it is what depends on it that waits both
// for it and for whatever it depended on itself.
// Our own: each node says its stream, a stream's nodes run in order of id, and receives wait like everything else.
//
// InputError at a node that can't be right, that stands there twice or depends on data of one that isn't there; also
// where nodes depend on each other in a circle.
[[nodiscard]] RankTrace read_rank(Reader& reader, const NodeRules& rules, const std::optional<OwnFacts>& facts,
                                  RankId rank, std::size_t ranks, TraceBook& book);

}  // namespace orrery::chakra
