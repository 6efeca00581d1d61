// The fluid granularity: a step, however many messages it has, is one activity.
#include <algorithm>
#include <limits>

#include "sim/collective/placed.h"
#include "sim/network/finish.h"

namespace orrery {

namespace {

// In how many repeats the busiest sender is at work, from its first message to its last.
std::int32_t busy_repeats(const Step& step, std::size_t members) {
  std::vector<std::int32_t> first(members, std::numeric_limits<std::int32_t>::max());
  std::vector<std::int32_t> end(members, 0);
  std::int32_t busy = 0;
  for (const Transfer& transfer : step.transfers) {
    const auto from = static_cast<std::size_t>(transfer.from);
    first[from] = std::min(first[from], transfer.first);
    end[from] = std::max(end[from], transfer.first + transfer.count);
    busy = std::max(busy, end[from] - first[from]);
  }
  return busy;
}

}  // namespace

std::vector<FluidPhase> lower_fluid(const Schedule& schedule, std::span<const ChipId> members,
                                    const CommunicationCosts& costs, Routes& routes, const Resources& resources) {
  const Placed placed(members, costs, routes, resources);
  std::vector<FluidPhase> phases;
  phases.reserve(schedule.steps.size());
  for (const Step& step : schedule.steps) {
    Placed::Whole whole = placed.whole(step);
    FluidPhase phase;
    phase.latency = saturating_sum(whole.latency, placed.drain(step));
    phase.most = whole.most;
    if (phases.empty()) phase.latency = saturating_sum(phase.latency, costs.launch);
    const std::int32_t busy = busy_repeats(step, members.size());
    if (busy < step.repeats) {
      const Duration message = time_to_finish(step.bytes.as_double(), placed.slowest_rate(step));
      phase.latency = saturating_sum(phase.latency, saturating_product(message, step.repeats - busy));
    }
    if (!whole.uses.empty()) phase.weight = 1 / (step.bytes.as_double() * busy);
    phase.uses = std::move(whole.uses);
    if (step.transfers.size() == 1 && step.repeats == 1) {
      placed.append_paths(step.transfers.front(), phase.paths, phase.links);
      phase.bytes = step.bytes;
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
