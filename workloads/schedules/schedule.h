// Pipeline schedules: in which order a stage runs its forward and backward passes. One file each.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/base/registry.h"
#include "workloads/schedules/way.h"

namespace orrery {

enum class PassKind : std::uint8_t {
  kForward,
  kBackward,        // the whole of it: gradients of what came in and of weights
  kInputGradient,   // B of a split backward pass: what the chunk before waits for
  kWeightGradient,  // W: what is left of it, which nobody waits for but the optimizer
};

// One microbatch through one model chunk of one stage.
struct Pass {
  PassKind kind = PassKind::kForward;
  std::int32_t microbatch = 0;
  std::int32_t chunk = 0;  // model chunk of this stage
  // Where messages don't overlap compute: all that was computed since the last exchange is sent, and all that is needed
  // until the next one received, once this pass is done. Stages would wait for each other in a circle if an interleaved
  // schedule exchanged between the two passes of a pair.
  bool exchange = true;
  // At once with the pass after it, which goes the other way: what one sends to experts travels while the other's
  // kernels run (step/weave.h). Neither needs what the other makes.
  bool woven = false;

  [[nodiscard]] bool is_forward() const { return kind == PassKind::kForward; }
  // Makes the gradient of the chunk's input.
  [[nodiscard]] bool returns() const { return kind == PassKind::kBackward || kind == PassKind::kInputGradient; }
  // The last pass of its microbatch through the chunk: weights' gradients have been made.
  [[nodiscard]] bool ends() const { return kind == PassKind::kBackward || kind == PassKind::kWeightGradient; }
};

struct PipelineSchedule {
  std::string_view name;
  std::string_view sentence;
  // The passes of `stage` (of `stages`) in order of time.
  std::vector<Pass> (*passes)(std::int32_t stage, std::int32_t stages, std::int32_t microbatches,
                              std::int32_t interleave);
  // Chunks a stage: as many as the plan's `interleave` says (then microbatches come in multiples of the stages), or, of
  // a way other than round, two.
  bool interleaves = false;
  Way way = Way::kRound;
  // Backward passes are split.
  bool splits = false;
  // Some passes are woven.
  bool weaves = false;
  // Stages go on to the next step as each ends this, without meeting all others between: a step lasts as long as the
  // stage that takes longest from its first pass to its update. Nobody waits for the norm of all gradients: it travels
  // from stage to stage with the next step's first passes, and an update that it shows to be wrong is taken back.
  bool staggers = false;
  std::int32_t multiple = 1;  // what stages and microbatches come in multiples of
  std::int32_t least = 0;     // microbatches a stage that it needs

  // Messages run beside compute on any stack, for the order rests on that, and those of each kind and chunk don't wait
  // for each other.
  [[nodiscard]] bool messages_apart() const { return splits || weaves; }
};
using PipelineSchedules = Registry<PipelineSchedule>;

}  // namespace orrery
