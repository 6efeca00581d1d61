// Writes what happens once a step.
#include "workloads/step/update.h"

#include "workloads/step/host_update.h"
#include "workloads/step/meeting.h"

namespace orrery::step {
namespace {

constexpr Bytes kNumber{4};  // a norm, a flag

void reduce_gradients(TapeWriter& tape, const UpdatePlan& plan, const Stack& stack) {
  const Groups& groups = tape.groups();
  const Bytes gradient = size_of(stack.gradient);
  const Format whole = format_of(stack.gradient);
  const Format sent = plan.replicas > 1 && plan.compressor == nullptr ? stack.roles.gradients.value_or(whole) : whole;
  const bool packs = sent != whole;
  tape.phase(Phase::kGradients);
  tape.part("gradients");
  tape.reduce(groups.tensor, gradient * plan.tensor_replicated, "replicated gradients");
  if (plan.replicas > 1 && plan.compressor != nullptr) {
    plan.compressor->reduce(plan.compression, tape);
  } else if (plan.replicas > 1 && !plan.gradients_reduced) {
    const Bytes all = gradient * plan.weights;
    tape.run(stream("divide by replicas", all, all));
    const Bytes experts = sent.bytes(plan.expert_weights);
    const Bytes shared = sent.bytes(plan.weights - plan.expert_weights);
    if (packs) tape.run(stream("pack gradients", all, shared + experts));
    const CollectiveKind kind = plan.shard_optimizer ? CollectiveKind::kReduceScatter : CollectiveKind::kAllReduce;
    tape.wait(tape.sum_gradients(kind, groups.data, shared, "gradients"));
    tape.wait(tape.sum_gradients(kind, groups.expert_data, experts, "expert gradients"));
  }
  if (plan.mirror) {  // of sharded gradients, the share that this replica updates
    if (plan.replicas > 1) tape.wait(Wait{static_cast<std::uint32_t>(Stream::kData), 0});
    tape.wait(tape.collective(Stream::kData, CollectiveKind::kAllReduce, plan.mirror, sent.bytes(plan.own_weights()),
                              "gradients of both copies"));
  }
  if (plan.shared_embedding > 0)
    tape.wait(tape.collective(Stream::kData, CollectiveKind::kAllReduce, groups.embedding,
                              sent.bytes(plan.shared_embedding), "embedding gradients"));
  if (plan.replicas == 1) return;
  tape.wait(Wait{static_cast<std::uint32_t>(Stream::kData), 0});  // buckets reduced earlier
  const std::int64_t summed = plan.shard_optimizer ? plan.own_weights() : plan.weights;
  if (packs) tape.run(stream("unpack gradients", sent.bytes(summed), gradient * summed));
}

// Of the weights that this replica updates, as they are stored.
Bytes own_bytes(const UpdatePlan& plan, const Stack& stack, std::int64_t own) {
  if (!stack.fp8_weights) return size_of(stack.compute) * own;
  const auto share = [&](Bytes stored, std::int64_t replicas) {
    return Bytes(divide(stored.count(), plan.shard_optimizer ? replicas : 1, Rounding::kUp));
  };
  return share(plan.stored - plan.expert_stored, plan.replicas) + share(plan.expert_stored, plan.expert_replicas);
}

void update(TapeWriter& tape, const UpdatePlan& plan, const Stack& stack, const Chip& chip) {
  const Groups& groups = tape.groups();
  const Bytes gradient = size_of(stack.gradient);
  const std::int64_t own = plan.own_weights();
  const std::optional<GroupSpecId> all = plan.alone ? std::nullopt : groups.model;
  tape.phase(Phase::kOptimizer);
  tape.part("optimizer");
  if (stack.compute == Precision::kFp16) {
    tape.run(stream("unscale and check", gradient * own, gradient * own));
    tape.reduce(all, kNumber, "found infinite");
  }
  tape.run(stream("gradient norm", gradient * own, Bytes(0)));
  if (plan.shard_optimizer) tape.reduce(groups.data, kNumber, "gradient norm");
  tape.reduce(all, kNumber, "gradient norm");
  tape.run(stream("clip", gradient * own, gradient * own));
  const Bytes updated = own_bytes(plan, stack, own);
  if (plan.on_host) {
    update_on_host(tape, plan, stack, *chip.host, updated);
  } else {
    plan.optimizer->update(plan.work, tape);
    meet(tape, plan);
    if (stack.copies_master()) tape.run(stream("copy weights", stack.master().bytes(own), updated));
  }
  if (!plan.shard_optimizer || !plan.gather_weights) return;
  const bool packs = plan.gathered != plan.stored;
  if (packs) {
    const Bytes own_shared(divide((plan.gathered - plan.expert_gathered).count(), plan.replicas, Rounding::kUp));
    const Bytes own_experts(divide(plan.expert_gathered.count(), plan.expert_replicas, Rounding::kUp));
    tape.run(stream("pack weights", updated, own_shared + own_experts));
  }
  const Mark shared = tape.collective(Stream::kData, CollectiveKind::kAllGather, groups.data,
                                      plan.gathered - plan.expert_gathered, "weights");
  const Mark experts = tape.collective(Stream::kData, CollectiveKind::kAllGather, groups.expert_data,
                                       plan.expert_gathered, "expert weights");
  if (!packs) return;
  tape.wait(shared);
  tape.wait(experts);
  tape.run(stream("unpack weights", plan.gathered, plan.stored));
}

}  // namespace

Tape prologue(Draft& draft, const UpdatePlan& plan, const std::function<void(TapeWriter&)>& gather_first) {
  TapeWriter tape(draft);
  tape.part("gradients");
  const std::int64_t kept = plan.shard_gradients ? plan.own_weights() : plan.weights;
  tape.run(stream("zero gradients", Bytes(0), size_of(draft.stack().gradient) * kept));
  gather_first(tape);
  if (plan.cast > Bytes(0)) {
    tape.part("weights");
    tape.run(stream("cast weights", plan.cast_read, plan.cast));
  }
  return tape.finish();
}

Tape epilogue(Draft& draft, const UpdatePlan& plan) {
  TapeWriter tape(draft);
  reduce_gradients(tape, plan, draft.stack());
  update(tape, plan, draft.stack(), draft.chip());
  return tape.finish();
}

}  // namespace orrery::step
