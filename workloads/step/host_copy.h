// Copies between a chip and its host's memory, and what the host does with them.
#pragma once

#include "topology/chip.h"

namespace orrery::step {

// Of a copy alone on the link. RunError for one that would last for hours.
[[nodiscard]] Duration copy_time(const Host& host, Bytes bytes);
// Of a pass over so many bytes of the host's memory, likewise.
[[nodiscard]] Duration pass_time(const Host& host, Bytes bytes);

}  // namespace orrery::step
