// Any bytes as a GOAL schedule: an error that names the file, or a Program that is sound.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "sim/base/error.h"
#include "workloads/goal/goal_binary.h"
#include "workloads/goal/goal_program.h"
#include "workloads/recorded/grown_program.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  try {
    const orrery::goal::Schedule schedule = orrery::goal::is_goal_binary(bytes)
                                                ? orrery::goal::parse_goal_binary("a.goal", bytes)
                                                : orrery::goal::parse_goal("a.goal", bytes);
    constexpr std::size_t kMostRanks = 4096;  // more would only be slow here
    if (schedule.ranks.size() > kMostRanks) return 0;
    const orrery::Program program = orrery::goal::program_of(schedule);
    orrery::validate(program);
    const auto more = static_cast<std::uint32_t>(3 * schedule.ranks.size());
    orrery::validate(orrery::recorded::grown(program, {more, ""}, "a.goal").program);
  } catch (const orrery::InputError& error) {
    if (std::string_view(error.what()).find("a.goal") == std::string_view::npos) std::abort();
  } catch (const orrery::RunError&) {
  }
  return 0;
}
