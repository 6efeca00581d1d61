// Plays a Program from its first op to its last.
//
// The laws, for each rank:
//   Streams. A stream runs its ops one after another. An op is ready when the one before it on its stream is done, each
//     of its waits (stream, count) is satisfied, that is the rank's stream has completed `count` ops, and the host has
//     queued it. As streams are first in, first out, "an op is done" is a number a stream, and a completion can free
//     only the heads of that rank's streams.
//   Host. It queues ops in the role's order: a segment takes host_time, a communication op Program::host_op, delays and
//     host syncs nothing. A host sync is done once its waits are satisfied and all ops before it are queued; the host
//     goes on from there. What stands after a host sync can't start before it.
//   Compute. Ready at t but for the host, which began to queue it at h: alone it ends at max(t + duration, h +
//     host_path). So it begins at t + max(0, h + host_path − duration − t), and from there takes its duration.
//   Collectives. The k-th of a rank on a group meets the k-th of every other member. It begins when the last is ready
//     and runs phase by phase, for all together; or, stepwise, message by message, and a member is done when all that
//     it sends and receives has arrived. A group of one is done at once.
//   Messages. The k-th send from a to b on a channel meets b's k-th receive from a. The transfer begins when both are
//     ready; both are done when it has arrived. A message to oneself is done at once.
//   Delays last what they say and draw on nothing.
//
// Laws of the machine. A change of a capacity holds from its instant on, before what starts at that instant.
// Background flows are activities without an end; the step ends without them.
//
// Time. All that happens at one picosecond is one batch: what is over is completed, what can start is started, until
// nothing more moves; only then is the network solved and the clock moved to the next event. Within a batch: activities
// in order of their start, changes of capacities, then timers in order of their setting, then completions in the order
// in which they arose.
#include "sim/kernel/engine.h"

#include "sim/base/error.h"
#include "sim/kernel/check_job.h"
#include "sim/kernel/ensemble.h"

namespace orrery {

std::string_view to_name(Granularity granularity) { return granularity == Granularity::kFluid ? "fluid" : "stepwise"; }

namespace {

RunResult run_alone(const Job& job, const RunOptions& options, const std::vector<SpanSink*>& sinks) {
  const Tenant alone{
      .name = {}, .job = job, .costs = options.costs, .library = options.library, .sinks = sinks, .start = {}};
  return run_together({&alone, 1}, options).front();
}

}  // namespace

RunResult run(const Job& job, const RunOptions& options) {
  if (options.fold == nullptr) return run_alone(job, options, options.sinks);
  try {
    return run_alone(job, options, options.sinks);
  } catch (const RunError&) {
    // Who waits for whom is said of ranks, not of classes: the same unfolded fails likewise.
    RunOptions unfolded = options;
    unfolded.fold = nullptr;
    unfolded.counters = nullptr;
    return run_alone(job, unfolded, {});
  }
}

std::vector<RunResult> run_together(std::span<const Tenant> tenants, const RunOptions& options) {
  for (const Tenant& tenant : tenants) validate(*tenant.job.program);
  kernel::check_tenants(tenants, options);
  return kernel::Ensemble(tenants, options).play();
}

}  // namespace orrery
