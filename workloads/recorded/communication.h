// What a recording knows of a collective that a rank took part in, and how PyTorch calls kinds and types.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/units.h"
#include "sim/collective/schedule.h"

namespace orrery::recorded {

struct Communication {
  CollectiveKind kind = CollectiveKind::kAllReduce;
  Bytes bytes;                       // what this rank brings
  std::string group;                 // name of the process group; "": not said
  std::vector<std::uint32_t> ranks;  // of the group; empty: not said
};

// "allreduce", "_allgather_base", "nccl:all_to_all", "ncclDevKernel_ReduceScatter_Sum_f32_RING_LL(…)".
[[nodiscard]] std::optional<CollectiveKind> collective_named(std::string_view name);
// Of "float", "c10::BFloat16", "long int", …; nothing: not known.
[[nodiscard]] std::optional<Bytes> element_size(std::string_view type);

}  // namespace orrery::recorded
