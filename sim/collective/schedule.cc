// The names of the collectives.
#include "sim/collective/schedule.h"

#include <array>

namespace orrery {

std::string_view to_name(CollectiveKind kind) {
  static constexpr std::array<std::string_view, kCollectiveKindCount> kNames = {
      "all_reduce", "all_gather", "reduce_scatter", "broadcast", "all_to_all", "send_recv"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace orrery
