// What nodes took in a replay as ASTRA-sim's: summed up by name, and as a trace.
#pragma once

#include <filesystem>

#include "sim/report/span_sums.h"
#include "tools/orrery/trace_file.h"
#include "workloads/astra/replay.h"

namespace orrery {

// Of a result with spans: each rank counts, whoever played for it.
[[nodiscard]] SpanTable table_of(const astra::ReplayResult& result);

// Just who does what: a role for each that played, without ops. For choosing what a trace shows.
[[nodiscard]] Program roles_of(const astra::ReplayResult& result);

// A process for each rank, with a track for each of its units that does something; receives, which no unit holds, have
// tracks of their own where they overlap. WriteError where the file can't be written.
void write_trace(const std::filesystem::path& target, const astra::ReplayResult& result, const TraceRequest& request);

}  // namespace orrery
