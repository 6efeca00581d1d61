// The fluid granularity: a step, however many messages it has, is one activity.
#include <algorithm>

#include "sim/collective/lockstep.h"
#include "sim/collective/placed.h"
#include "sim/network/finish.h"

namespace orrery {

namespace {

// A step's flows: each is what a sender sends one receiver, listed together.
struct Flows {
  std::int64_t most_pieces = 0;  // of any flow, over all repeats
  bool steady = true;            // all flow in every repeat
};

Flows flows_of(const Step& step) {
  Flows flows;
  for (std::size_t t = 0; t < step.transfers.size();) {
    const Transfer& flow = step.transfers[t];
    std::int64_t pieces = 0;
    std::int32_t end = 0;
    for (; t < step.transfers.size() && step.transfers[t].from == flow.from && step.transfers[t].to == flow.to; ++t) {
      const Transfer& part = step.transfers[t];
      pieces += std::int64_t{part.count} * part.pieces;
      if (part.first != end) flows.steady = false;
      end = part.first + part.count;
    }
    flows.most_pieces = std::max(flows.most_pieces, pieces);
    if (end != step.repeats) flows.steady = false;
  }
  return flows;
}

}  // namespace

std::vector<FluidPhase> lower_fluid(const Schedule& schedule, std::span<const ChipId> members,
                                    const CommunicationCosts& costs, Routes& routes, const Resources& resources) {
  const Placed placed(members, costs, routes, resources, schedule.ways);
  std::vector<FluidPhase> phases;
  phases.reserve(schedule.steps.size());
  for (const Step& step : schedule.steps) {
    Placed::Whole whole = placed.whole(step);
    FluidPhase phase;
    phase.latency = saturating_sum(whole.latency, placed.drain(step));
    phase.most = whole.most;
    if (phases.empty()) phase.latency = saturating_sum(phase.latency, costs.launch);
    const Flows flows = flows_of(step);
    if (!flows.steady) {
      const double fill = lockstep_seconds(placed, step) - whole.seconds;
      if (fill > 0) phase.latency = saturating_sum(phase.latency, time_to_finish(fill, 1));
    } else {
      // Hosts work while messages are under way: it counts where they come too thick.
      const double late = placed.host_seconds(step) - phase.latency.in_seconds() - whole.seconds;
      if (late > 0) phase.latency = saturating_sum(phase.latency, time_to_finish(late, 1));
    }
    if (!whole.uses.empty()) phase.weight = 1 / (step.bytes.as_double() * static_cast<double>(flows.most_pieces));
    phase.uses = std::move(whole.uses);
    if (step.transfers.size() == 1 && step.repeats == 1) {
      placed.append_paths(step.transfers.front(), phase.paths, phase.links);
      phase.bytes = step.bytes * step.transfers.front().pieces;
    }
    // Alone the phase takes `seconds`: so many engine-seconds make the share that was asked for.
    const double engine_seconds = costs.engine_share * whole.seconds;
    if (engine_seconds > 0) {
      for (std::size_t p = 0; p < members.size(); ++p)
        phase.uses.push_back({placed.engine(p), engine_seconds * placed.capacity(placed.engine(p))});
      merge(phase.uses);
    }
    phases.push_back(std::move(phase));
  }
  return phases;
}

}  // namespace orrery
