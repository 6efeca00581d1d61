// How long a kernel's HBM traffic takes: Little's law for few cores, bandwidth for many; and seconds as picoseconds.
#pragma once

#include <algorithm>
#include <cmath>

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

// Rounded up; 2⁶² where it is more, or not a number: a chip may be given any rates.
[[nodiscard]] inline Duration picoseconds_up(double seconds) {
  const double picoseconds = std::ceil(seconds * 1e12);
  if (!(picoseconds < 0x1p62)) return Duration::picoseconds(std::int64_t{1} << 62U);
  return Duration::picoseconds(static_cast<std::int64_t>(picoseconds));
}

}  // namespace orrery
