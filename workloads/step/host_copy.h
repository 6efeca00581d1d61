// Copies between a chip and its host's memory.
#pragma once

#include "topology/chip.h"

namespace orrery::step {

// Alone on the link.
[[nodiscard]] inline Duration copy_time(const Host& host, Bytes bytes) {
  return host.latency + transfer_time(bytes, host.link, Rounding::kUp);
}

}  // namespace orrery::step
