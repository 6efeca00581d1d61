// Reads two tapes in turns.
#include "workloads/step/weave.h"

#include <algorithm>
#include <array>

namespace orrery::step {
namespace {

class Reader {
 public:
  explicit Reader(const Tape& tape) : tape_(&tape) {}

  [[nodiscard]] bool ended() const { return next_ == tape_->ops.size(); }
  // The next op waits for an exchange with experts of this tape. (Counts before the tape aren't positive.)
  [[nodiscard]] bool awaits_experts() const {
    const Op& op = tape_->ops[next_];
    const auto first = tape_->waits.begin() + op.first_wait;
    return std::any_of(first, first + op.wait_count, [](const Wait& wait) {
      return wait.stream == static_cast<std::uint32_t>(Stream::kExpert) && static_cast<std::int32_t>(wait.count) > 0;
    });
  }
  void go_on() { ++next_; }

 private:
  const Tape* tape_;
  std::size_t next_ = 0;
};

}  // namespace

std::vector<std::uint8_t> weave(const Tape& first, const Tape& second) {
  std::array<Reader, 2> readers = {Reader(first), Reader(second)};
  std::vector<std::uint8_t> order;
  order.reserve(first.ops.size() + second.ops.size());
  std::uint8_t at = 0;
  bool resumed = false;  // the other has just had its turn
  while (!readers[0].ended() || !readers[1].ended()) {
    const std::uint8_t other = 1 - at;
    const bool turns = readers[at].ended() || (!resumed && !readers[other].ended() && readers[at].awaits_experts());
    if (turns) at = other;
    resumed = turns;
    if (turns) continue;
    order.push_back(at);
    readers[at].go_on();
  }
  return order;
}

}  // namespace orrery::step
