// `orrery replay … --against CLUSTER`, and the like: the same job on two machines, placed in two ways or by two
// algorithms, and which spans change most; `--spans` for one.
#pragma once

#include <filesystem>

#include "sim/report/span_sums.h"
#include "tools/orrery/replay_job.h"

namespace orrery {

// InputError when a name ends neither in .csv nor in .json.
void check_spans_name(const std::filesystem::path& target);
void write_spans(const std::filesystem::path& target, const SpanTable& table);

// Plays both, prints both steps and a table, and writes `spans` where it is asked for.
[[nodiscard]] int compare_replays(const ReplayRequest& request);

}  // namespace orrery
