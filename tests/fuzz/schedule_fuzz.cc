// Feeds any bytes to the readers of users' schedules: they return a plan whose messages follow each other, or throw
// InputError.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "sim/base/error.h"
#include "sim/collective/read_schedule.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    const bool xml = !text.empty() && text.front() == '<';
    const orrery::MessagePlan plan = xml ? orrery::read_msccl(text, "schedule.xml")
                                         : orrery::read_schedule(orrery::yaml::parse(text, "schedule.yaml"));
    for (std::size_t m = 0; m < plan.messages.size(); ++m)
      for (const std::uint32_t before : plan.waits(plan.messages[m]))
        if (before >= m) std::abort();
  } catch (const orrery::InputError&) {
  }
  return 0;
}
