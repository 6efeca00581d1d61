// Reads lists of what is offloaded, and says what can't be.
#include "workloads/offload.h"

#include <fmt/format.h>

#include <algorithm>

#include "workloads/layer_split.h"
#include "workloads/named_flags.h"
#include "workloads/optimizers/optimizer.h"
#include "workloads/plan.h"
#include "workloads/schedules/schedule.h"

namespace orrery {
namespace {

constexpr FlagNames<Offload, 2> kOffloaded = {{
    {"activations", &Offload::activations},
    {"optimizer", &Offload::optimizer},
}};

std::int64_t most_layers(const Plan& plan, const DecoderModel& model) {
  std::int64_t most = 0;
  for (std::int64_t stage = 0; stage < plan.pipeline; ++stage)
    for (std::int64_t chunk = 0; chunk < plan.chunks(); ++chunk)
      most = std::max(most, chunk_layers(model, plan, stage, chunk).count);
  return most;
}

}  // namespace

std::vector<std::string> Offload::names() const { return names_set(*this, kOffloaded); }

Offload read_offload(const yaml::Node& list) {
  const Offload offload = read_flags(list, "offload", kOffloaded);
  if (!offload.any()) list.fail("nothing is offloaded", {"without this key nothing is"});
  return offload;
}

std::optional<PlanFault> offload_fault(const Plan& plan, const DecoderModel& model) {
  if (plan.offload.activations) {
    const PipelineSchedule& schedule = *PipelineSchedules::find(plan.schedule);
    if (schedule.splits || schedule.messages_apart())
      return PlanFault{
          "offload",
          fmt::format("activations come back for whole backward passes; the schedule '{}' splits or pairs them",
                      plan.schedule),
          {"schedule could be 1f1b, interleaved or gpipe"}};
    if (most_layers(plan, model) < 2)
      return PlanFault{
          "offload", "each chunk has one layer, whose activations are asked for first: none would go anywhere", {}};
  }
  if (!plan.offload.optimizer) return std::nullopt;
  if (!Optimizers::find(plan.optimizer.name)->by_element)
    return PlanFault{"offload",
                     fmt::format("a host updates weights element by element; the optimizer '{}' does more than that",
                                 plan.optimizer.name),
                     {"optimizer could be adam or sgd"}};
  if (plan.local_sgd.sites > 1)
    return PlanFault{
        "offload", "the average of sites is taken on the chips: their weights can't lie with the host", {}};
  return std::nullopt;
}

std::optional<std::string> offload_fault(const Plan& plan, const Chip& chip) {
  if (!plan.offload.any() || chip.host) return std::nullopt;
  return fmt::format("the plan offloads to the host, of which the file of {} says nothing (a `host` block)", chip.name);
}

}  // namespace orrery
