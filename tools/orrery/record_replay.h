// `orrery replay RUN.orrery`: the same run once more, and whether it gives the same result.
#pragma once

#include <string>

#include "sim/report/record.h"
#include "tools/orrery/simulate.h"

namespace orrery {

[[nodiscard]] bool is_record(const std::string& name);
// What `orrery run --record` writes. `name`: as the user named the scenario.
[[nodiscard]] RunRecord record_of(const std::string& name, const Scenario& scenario, Folding folding, bool whole,
                                  const Report& report);
// Prints both digests; where they differ, also what differs, and returns kRefused.
[[nodiscard]] int replay_record(const std::string& file, bool quiet);

// A table of differences, at most so many lines; says how many are left out.
[[nodiscard]] std::string text_of(const std::vector<Difference>& differences, std::size_t most);

}  // namespace orrery
