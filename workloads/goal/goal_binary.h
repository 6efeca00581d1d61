// GOAL schedules as LogGOPSim's txt2bin packs them, for its simulator to map into memory.
//
// Facts (spcl/LogGOPSim, src/LogGOPSim/Parser.hpp), all numbers little-endian and packed:
//   u64 4223, then what offsets count from: u32 ranks, u8 CPUs, u8 NICs, and for each rank u64 where its part begins
//   and u64 where it ends. A part: u32 ops, u32 ops that wait for nothing, u32 the number of each of those; for each op
//   u32 how many it waits for, u8 kind (1 send, 2 receive, 3 computation), u32 peer, u64 bytes or nanoseconds, u32 tag,
//   u8 CPU, u8 NIC, u32 how many wait for its end and u32 where they are listed, u32 how many wait for its start and
//   u32 where; then the list, u32 the number of an op.
#pragma once

#include <string>
#include <string_view>

#include "workloads/goal/goal_text.h"

namespace orrery::goal {

[[nodiscard]] bool is_goal_binary(std::string_view bytes);
// InputError "ring.bin:byte 1234: …" where the file is cut short, or says what can't be.
[[nodiscard]] Schedule parse_goal_binary(const std::string& name, std::string_view bytes);

}  // namespace orrery::goal
