// Averages what sites have moved by, and takes the outer step.
#include "workloads/step/meeting.h"

namespace orrery::step {
namespace {

constexpr std::int64_t kOuterBytes = 4;  // bytes

Kernel outer_pass(const char* name, std::int64_t elements, std::int64_t read, std::int64_t written, double share) {
  Kernel kernel = stream(name, Bytes(elements * read), Bytes(elements * written));
  kernel.times = share;
  return kernel;
}

Bytes part(Bytes bytes, double share) { return Bytes(static_cast<std::int64_t>(bytes.as_double() * share)); }

}  // namespace

void meet(TapeWriter& tape, const UpdatePlan& plan) {
  const Groups& groups = tape.groups();
  const double share = plan.local_sgd.share();
  if (!groups.sites || share == 0) return;
  const std::int64_t own = plan.share_of_weights();
  const Bytes sent = size_of(plan.local_sgd.sent);
  tape.part("meeting of sites");
  tape.run(outer_pass("moved since the last meeting", own, 2 * kOuterBytes, sent.count(), share));
  tape.wait(tape.collective(Stream::kData, CollectiveKind::kAllReduce, groups.sites, part(sent * own, share),
                            "what sites moved by"));
  // The average, the last meeting's weights and the momentum are read; all but the average are written, and the
  // weights.
  tape.run(outer_pass("outer step", own, sent.count() + 2 * kOuterBytes, 3 * kOuterBytes, share));
  if (plan.shard_optimizer) return;
  const auto gather = [&](std::optional<GroupSpecId> group, std::int64_t weights, const char* name) {
    tape.wait(tape.collective(Stream::kData, CollectiveKind::kAllGather, group,
                              part(Bytes(kOuterBytes * weights), share), name));
  };
  gather(groups.data, plan.weights - plan.expert_weights, "weights");
  gather(groups.expert_data, plan.expert_weights, "expert weights");
}

Bytes outer_state(const LocalSgd& local, std::int64_t own) {
  return local.sites == 1 ? Bytes(0) : Bytes(2 * kOuterBytes * own);
}

}  // namespace orrery::step
