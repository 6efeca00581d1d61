// Traces of all ranks of a job → its Program: ranks that do the same, but for whom they do it with, share a role.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/kernel/program.h"
#include "workloads/chakra/trace_facts.h"
#include "workloads/chakra/trace_rules.h"

namespace orrery::chakra {

// How many ranks' traces stand beside each other: PREFIX.0.et, PREFIX.1.et, …. InputError if there is none, or one is
// missing below the last.
[[nodiscard]] std::size_t count_ranks(const std::filesystem::path& prefix);
[[nodiscard]] std::filesystem::path trace_file(const std::filesystem::path& prefix, std::size_t rank);

struct TracedProgram {
  Program program;
  std::optional<OwnFacts> facts;      // of traces of our own
  std::vector<std::string> warnings;  // what in the traces changed nothing
};

// One trace at a time; what is kept grows with distinct roles. A group is what the trace's own metadata says, or the
// file of groups; "" and "0" are everybody where neither says otherwise. Groups that ranks came to use alike become one
// family of communicators, so that those ranks can share a role. Collectives on a group that isn't known, or that
// leaves the rank out, are InputErrors; what only shows when ranks meet is for the run to find.
[[nodiscard]] TracedProgram read_traces(const std::filesystem::path& prefix, std::size_t ranks,
                                        const std::optional<std::filesystem::path>& groups, const NodeRules& rules);

}  // namespace orrery::chakra
