// Recordings of some ranks (profiles, execution traces) → the Program of all: who communicates what with whom, and who
// does as whom.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/kernel/program.h"
#include "workloads/chakra/trace_book.h"
#include "workloads/recorded/communication.h"

namespace orrery::recorded {

// Of one rank.
struct Recording {
  std::string file;
  std::optional<std::uint32_t> rank;          // as the file says; those that don't are of the first ranks that are left
  std::optional<std::uint32_t> world_size;    // the same
  std::vector<Communication> communications;  // in the order in which the rank takes part
};

struct RecordedJob {
  std::vector<Recording> recordings;
  std::string noun;                    // "profiles", for messages
  std::string algorithm;               // of collectives
  std::vector<std::string> streams;    // that all have, the first two as in Program
  std::optional<std::uint32_t> ranks;  // to be played on, more than were recorded
};

// Of the whole job, as its recordings say.
[[nodiscard]] std::size_t ranks_of(const std::vector<Recording>& recordings);

// `collectives`: by the recording's communications, in order: index into Program::collectives. Segments, delays, names
// and streams are added to the book.
using WriteRole =
    std::function<Role(std::size_t recording, const std::vector<std::uint32_t>& collectives, chakra::TraceBook& book)>;

struct RecordedProgram {
  Program program;
  std::vector<std::string> warnings;
};

// Ranks of the world that no recording is of do as those do that one is of, in turn, in groups of their own where
// groups are evenly spaced (group_pattern.h). On more ranks than were recorded, rank r does as rank r modulo the
// recorded world; groups that reach over that world grow, all others repeat. What a rank brings to a collective stays,
// but of an all-gather what it makes does: so a grown step is the same step of more replicas. Collectives whose sizes
// differ from member to member (an uneven all-to-all) take the largest. InputError where two recordings are of one
// rank, ranks don't fit the world, members' collectives are of different kinds, or groups don't say how they go on.
[[nodiscard]] RecordedProgram program_of(const RecordedJob& job, const WriteRole& write_role);

}  // namespace orrery::recorded
