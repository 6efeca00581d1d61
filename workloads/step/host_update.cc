// Writes the pieces of an update on the host.
#include "workloads/step/host_update.h"

#include "workloads/step/host_copy.h"

namespace orrery::step {
namespace {

constexpr std::int64_t kPieces = 8;  // more of them would only hide more of the first copy and the last

Bytes piece_of(Bytes bytes) { return Bytes(divide(bytes.count(), kPieces, Rounding::kUp)); }

}  // namespace

void update_on_host(TapeWriter& tape, const UpdatePlan& plan, const Stack& stack, const Host& host, Bytes updated) {
  const std::int64_t own = plan.own_weights();
  const Bytes gradients = size_of(stack.gradient) * own;
  const Bytes kept = plan.optimizer->state(plan.work) + (stack.copies_master() ? stack.master().bytes(own) : updated);
  const Bytes streamed = gradients + kept * 2 + (stack.copies_master() ? updated : Bytes(0));
  const Duration there = copy_time(host, piece_of(gradients));
  const Duration works = pass_time(host, piece_of(streamed));
  const Duration back = copy_time(host, piece_of(updated));
  Mark last;
  for (std::int64_t piece = 0; piece < kPieces; ++piece) {
    const Mark arrived = tape.delay(Stream::kToHost, there, "gradients to host");
    const Mark done = tape.delay(Stream::kHostUpdate, works, "update on host", arrived);
    last = tape.delay(Stream::kFromHost, back, "weights from host", done);
  }
  tape.wait(last);
}

}  // namespace orrery::step
