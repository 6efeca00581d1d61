// The names of the collectives, and the limit that an algorithm keeps.
#include "sim/collective/schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/base/error.h"

namespace orrery {

namespace {

constexpr std::array<std::string_view, kCollectiveKindCount> kNames = {
    "all_reduce", "all_gather", "reduce_scatter", "broadcast",    "all_to_all", "send_recv",
    "reduce",     "gather",     "scatter",        "all_to_all_v", "barrier"};

}  // namespace

std::string_view to_name(CollectiveKind kind) { return kNames[static_cast<std::size_t>(kind)]; }

std::vector<std::string> collective_kinds() { return {kNames.begin(), kNames.end()}; }

std::size_t places_of(const Step& step, std::size_t members) {
  std::int32_t lowest = 0;
  for (const Transfer& transfer : step.transfers) lowest = std::min({lowest, transfer.from, transfer.to});
  return members + static_cast<std::size_t>(-lowest);
}

void check_members(std::string_view algorithm, std::size_t members, std::size_t most) {
  if (members > most)
    throw RunError(
        fmt::format("a {} collective over {} ranks has too many messages to be written out; the most is {} "
                    "ranks: use ring",
                    algorithm, members, most));
}

}  // namespace orrery
