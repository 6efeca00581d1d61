// Writes DualPipe's eight stretches: forward from both sides, mixed, pairs of a forward and a backward pass, drained.
//
#include "workloads/schedules/dual_passes.h"

#include <array>
#include <deque>

namespace orrery {
namespace {

class DualPasses {
 public:
  void forward(std::size_t chunk) { push(PassKind::kForward, chunk, forward_[chunk]++); }
  void backward(std::size_t chunk) { push(PassKind::kBackward, chunk, backward_[chunk]++); }
  void input(std::size_t chunk) {
    deferred_.push_back(
        {.kind = PassKind::kWeightGradient, .microbatch = backward_[chunk], .chunk = static_cast<std::int32_t>(chunk)});
    push(PassKind::kInputGradient, chunk, backward_[chunk]++);
  }
  void weights() {  // the oldest that are owed
    order_.push_back(deferred_.front());
    deferred_.pop_front();
  }
  void pair(std::size_t forward_chunk, std::size_t backward_chunk) {
    forward(forward_chunk);
    order_.back().exchange = false;
    order_.back().woven = true;
    backward(backward_chunk);
  }
  [[nodiscard]] std::vector<Pass> finish() { return std::move(order_); }

 private:
  void push(PassKind kind, std::size_t chunk, std::int32_t microbatch) {
    order_.push_back({.kind = kind, .microbatch = microbatch, .chunk = static_cast<std::int32_t>(chunk)});
  }

  std::vector<Pass> order_;
  std::deque<Pass> deferred_;
  std::array<std::int32_t, 2> forward_{};
  std::array<std::int32_t, 2> backward_{};
};

}  // namespace

std::vector<Pass> dual_passes(std::int32_t rank, std::int32_t ranks, std::int32_t microbatches) {
  const std::int32_t inner = ranks - rank - 1;  // stages between this one and the middle
  const bool middle = inner == 0;
  DualPasses passes;
  for (std::int32_t k = 0; k < 2 * inner; ++k) passes.forward(0);
  for (std::int32_t k = 0; k <= rank; ++k) {
    passes.forward(0);
    passes.forward(1);
  }
  for (std::int32_t k = 0; k < inner; ++k) {
    passes.input(1);
    passes.weights();
    passes.forward(1);
  }
  for (std::int32_t k = 0; k < microbatches - 2 * ranks + rank + 1; ++k) {
    if (k == 0 && middle) {  // not at once: the gradient is already there
      passes.forward(0);
      passes.backward(1);
    } else {
      passes.pair(0, 1);
    }
    passes.pair(1, 0);
  }
  for (std::int32_t k = 0; k < inner; ++k) {
    passes.backward(1);
    passes.pair(1, 0);
  }
  // The second half of the last passes is split: 2·(rank + 1) of them, chunk 1 and chunk 0 in turn.
  for (std::int32_t k = 0; k < 2 * (rank + 1); ++k) {
    const std::size_t chunk = k % 2 == 0 ? 1 : 0;
    if (k > rank) {
      passes.input(chunk);
    } else {
      passes.backward(chunk);
    }
  }
  for (std::int32_t k = 0; k < inner; ++k) {
    passes.weights();
    passes.input(0);
  }
  for (std::int32_t k = 0; k <= rank; ++k) passes.weights();
  return passes.finish();
}

}  // namespace orrery
