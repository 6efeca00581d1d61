// How long a kernel's HBM traffic takes: Little's law for few cores, bandwidth for many.
#pragma once

#include <algorithm>

#include "topology/chip.h"

namespace orrery {

// Seconds to move `bytes` while `cores` of the chip's cores issue accesses. By Little's law the achieved rate is at
// most (bytes in flight) ÷ latency, so a kernel on few cores can't fill the HBM; a long stream on all cores gets the
// measured fraction of the printed bandwidth. The first access waits one latency.
[[nodiscard]] inline double hbm_seconds(const Chip& chip, Bytes bytes, double cores) {
  if (bytes <= Bytes(0)) return 0;
  const double sustained = chip.hbm.bandwidth.as_double() * chip.hbm.efficiency;
  const double latency = chip.hbm.latency.in_seconds();
  const double in_flight = cores * chip.hbm.in_flight_per_core.as_double();
  const double rate = latency > 0 ? std::min(sustained, in_flight / latency) : sustained;
  return latency + bytes.as_double() / rate;
}

}  // namespace orrery
