// GOAL schedules as LogGOPSim and ATLAHS write them in text: what each rank sends, receives and computes, and in which
// order.
//
//     num_ranks 2
//     rank 0 {
//       work: calc 1500 cpu 0              // nanoseconds
//       out: send 4096b to 1 tag 7 nic 0
//       out requires work                  // starts once work is over
//     }
//     rank 1 {
//       in: recv 4096b from 0 tag 7
//       more: calc 200
//       more irequires in                  // starts once in has started
//     }
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace orrery::goal {

struct Op {
  enum class Kind : std::uint8_t { kSend, kReceive, kCompute };
  Kind kind = Kind::kCompute;
  std::string label;        // "": none
  std::int64_t amount = 0;  // bytes, or nanoseconds
  std::uint32_t peer = 0;   // of a message
  std::uint32_t tag = 0;
  std::uint8_t cpu = 0;                    // that computes
  std::uint8_t nic = 0;                    // that sends
  std::vector<std::uint32_t> after;        // ops of the rank that must be over before it starts
  std::vector<std::uint32_t> after_start;  // that must have started
};

struct Schedule {
  std::vector<std::vector<Op>> ranks;
};

// A file may also be what txt2bin makes of a text (goal_binary.h). InputError with line and column. Sizes are bounded
// by the file's: ranks that have no block take no memory worth naming.
[[nodiscard]] Schedule read_goal(const std::filesystem::path& file);
[[nodiscard]] Schedule parse_goal(std::string name, std::string text);

}  // namespace orrery::goal
