// ZB-V: two chunks a stage, down the pipeline and back up; no bubble at 1F1B's memory.
//
// Source: Qi et al. 2023 (arXiv 2401.10241), section 6, and Qi et al. 2024, Pipeline Parallelism with Controllable
// Memory (arXiv 2405.15362); the order as in PyTorch's ScheduleZBVZeroBubble. The last stage has the loss's gradient at
// once, from its own second chunk, and so begins to give back as early as the first stage. Stage i of p keeps 2p half
// chunks at most. With equal times of F, B and W a stage never waits once it has begun; it takes 2p − 1 microbatches to
// fill the pipeline, of which those that there aren't are left out.
#include <algorithm>
#include <array>

#include "workloads/schedules/schedule.h"

namespace orrery {
namespace {

// Passes of the two chunks, each kind of each chunk in order of microbatches.
class VeePasses {
 public:
  explicit VeePasses(std::int32_t microbatches) : microbatches_(microbatches) {}

  void forward(std::size_t chunk) { push(PassKind::kForward, forward_, chunk); }
  void input(std::size_t chunk) { push(PassKind::kInputGradient, input_, chunk); }
  void weights(std::size_t chunk) { push(PassKind::kWeightGradient, weights_, chunk); }
  void backward(std::size_t chunk) {
    input(chunk);
    weights(chunk);
  }
  void remaining_weights(std::size_t chunk) {
    while (weights_[chunk] < input_[chunk]) weights(chunk);
  }
  [[nodiscard]] std::int32_t begun(std::size_t chunk) const { return forward_[chunk]; }
  [[nodiscard]] std::vector<Pass> finish() { return std::move(order_); }

 private:
  using Next = std::array<std::int32_t, 2>;
  void push(PassKind kind, Next& next, std::size_t chunk) {
    const std::int32_t microbatch = next[chunk]++;
    if (microbatch < microbatches_)
      order_.push_back({.kind = kind, .microbatch = microbatch, .chunk = static_cast<std::int32_t>(chunk)});
  }

  std::int32_t microbatches_;
  std::vector<Pass> order_;
  Next forward_{};
  Next input_{};
  Next weights_{};
};

std::vector<Pass> zb_v_passes(std::int32_t stage, std::int32_t stages, std::int32_t microbatches,
                              std::int32_t /*interleave*/) {
  const std::int32_t count = std::max(microbatches, 2 * stages - 1);
  VeePasses passes(microbatches);
  for (std::int32_t k = 0; k < 2 * (stages - stage) - 1; ++k) passes.forward(0);
  for (std::int32_t k = 0; k < stage; ++k) {
    passes.forward(1);
    passes.forward(0);
  }
  for (std::int32_t k = 0; k < stages - stage; ++k) {
    passes.forward(1);
    passes.backward(1);
  }
  while (passes.begun(1) < count) {
    if (passes.begun(0) < count) passes.forward(0);
    passes.backward(0);
    passes.forward(1);
    passes.backward(1);
  }
  for (std::int32_t k = 0; k < stage; ++k) {
    passes.input(0);
    passes.input(1);
  }
  for (std::int32_t k = 0; k < stages - stage; ++k) passes.backward(0);
  passes.remaining_weights(1);
  passes.remaining_weights(0);
  return passes.finish();
}

const PipelineSchedules::Entry kZbV{
    {.name = "zb_v",
     .sentence = "split backward passes, two chunks a stage in a V: no bubble at 1f1b's memory; twice its messages",
     .passes = &zb_v_passes,
     .way = Way::kVee,
     .splits = true,
     .staggers = true}};

}  // namespace
}  // namespace orrery
