// ASTRA-sim's whole setup, played: traces, network, system, memory and groups as they are, finish times to the
// nanosecond.
//
// Ranks that do the same are played once. The argument: let every rank of a class have the same trace but for the names
// of groups, let all members of each group that it uses be in the class, and let every step along those groups' rings
// cost the same wherever it is taken. Then "all ranks of the class are in the same state" holds at time 0, and what one
// sends at a time is, renamed, what it receives: each event takes all of them from equal states to equal states. One
// rank whose messages come back to itself goes through those states, and classes have nothing to do with each other.
// It does not hold, and every rank is played, where ranks send to ranks by number, where groups' rings have steps of
// different cost, for trees, for algorithms over all of several dimensions at once, and where ranks queue for a memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "workloads/astra/simulation.h"

namespace orrery::astra {

struct ReplayInput {
  std::filesystem::path workload;  // PREFIX of PREFIX.0.et, …
  std::filesystem::path system;
  std::filesystem::path network;
  std::optional<std::filesystem::path> memory;
  std::optional<std::filesystem::path> groups;
  Congestion congestion = Congestion::kUnaware;
  bool fold = true;    // false: every rank is played
  bool spans = false;  // whether they are asked for
};

struct ReplayResult {
  std::vector<Finish> finishes;       // by rank
  std::vector<std::uint32_t> played;  // by rank: who played for it, perhaps itself
  std::size_t players = 0;
  std::uint64_t events = 0;
  std::vector<std::string> warnings;  // what was there and changed nothing
  // If spans are asked for: of those who played, class by class in order of their ends, and what the nodes are.
  std::vector<NodeSpan> spans;
  std::vector<TraceNodes> traces;       // those that differ
  std::vector<std::uint32_t> trace_of;  // by rank: into traces
};

// InputError at what can't be read or played; RunError where a rank can't finish.
[[nodiscard]] ReplayResult replay(const ReplayInput& input);

}  // namespace orrery::astra
