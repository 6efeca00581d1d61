// Times of copies, refused where nobody would wait for them.
#include "workloads/step/host_copy.h"

#include <fmt/format.h>

#include "sim/base/error.h"

namespace orrery::step {
namespace {

constexpr double kLongest = 1e5;  // seconds

Duration time_at(Bandwidth rate, Bytes bytes, const char* what) {
  if (bytes.as_double() > kLongest * rate.as_double())
    throw RunError(fmt::format("{} of {} at {} would last for hours: nothing so long can be simulated", what,
                               to_text(bytes), to_text(rate)));
  return transfer_time(bytes, rate, Rounding::kUp);
}

}  // namespace

Duration copy_time(const Host& host, Bytes bytes) {
  return host.latency + time_at(host.link, bytes, "a copy to the host or back");
}

Duration pass_time(const Host& host, Bytes bytes) { return time_at(host.memory_bandwidth, bytes, "the host's update"); }

}  // namespace orrery::step
