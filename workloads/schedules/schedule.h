// Pipeline schedules: in which order a stage runs its forward and backward passes. One file each.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/base/registry.h"

namespace orrery {

struct Pass {
  bool backward = false;
  std::int32_t microbatch = 0;
  std::int32_t chunk = 0;  // model chunk of this stage, 0 … interleave − 1
};

struct PipelineSchedule {
  std::string_view name;
  std::string_view sentence;
  // The passes of `stage` (of `stages`) in order of time.
  std::vector<Pass> (*passes)(std::int32_t stage, std::int32_t stages, std::int32_t microbatches,
                              std::int32_t interleave);
};
using PipelineSchedules = Registry<PipelineSchedule>;

}  // namespace orrery
