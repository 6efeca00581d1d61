// Pipeline schedules: in which order a stage runs its forward and backward passes. One file each.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/base/registry.h"

namespace orrery {

// One microbatch through one model chunk of one stage.
struct Pass {
  bool backward = false;
  std::int32_t microbatch = 0;
  std::int32_t chunk = 0;  // model chunk of this stage, 0 … interleave − 1
  // Where messages don't overlap compute: all that was computed since the last exchange is sent, and all that is needed
  // until the next one received, once this pass is done. Stages would wait for each other in a circle if an interleaved
  // schedule exchanged between the two passes of a pair.
  bool exchange = true;
};

struct PipelineSchedule {
  std::string_view name;
  std::string_view sentence;
  bool interleaves;  // runs several chunks a stage; then microbatches come in multiples of the stages
  // The passes of `stage` (of `stages`) in order of time.
  std::vector<Pass> (*passes)(std::int32_t stage, std::int32_t stages, std::int32_t microbatches,
                              std::int32_t interleave);
};
using PipelineSchedules = Registry<PipelineSchedule>;

}  // namespace orrery
