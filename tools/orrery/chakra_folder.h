// A folder of Chakra execution traces: a file for each rank, and who is in the groups that they name.
#pragma once

#include <filesystem>
#include <string>

#include "tools/orrery/simulate.h"

namespace orrery {

// Writes DIR/STEM.<rank>.et and DIR/groups.json, which `orrery replay DIR/STEM --groups DIR/groups.json` plays. Of a
// scenario that is whole. WriteError where they can't be written. Traces hold what ranks do: placement, events and
// background are not in them, which is said on standard error where there are any.
void write_chakra(const std::filesystem::path& folder, const std::string& stem, const Prepared& prepared);

}  // namespace orrery
