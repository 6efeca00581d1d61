// Says why adapters can't be trained, with what would be right.
#include "workloads/adapters_fault.h"

#include <fmt/format.h>

#include "workloads/schedules/schedule.h"

namespace orrery {

std::optional<PlanFault> adapters_fault(const Plan& plan, const DecoderModel& model) {
  const Adapters& adapters = plan.adapters;
  if (!adapters.any()) return std::nullopt;
  const auto fault = [](std::string message, std::vector<std::string> notes = {}) {
    return PlanFault{"train", std::move(message), std::move(notes)};
  };
  if (model.ends != "language" || model.predicted > 0)
    return fault(fmt::format("adapters stand in models of language that predict one token; {} is none", model.name));
  if (adapters.on_attention() && !model.has(kAttentionSymbol) && !model.has(kWindowSymbol))
    return fault(fmt::format("no layer of {} attends", model.name));
  if (adapters.on_attention() && model.latent)
    return fault(fmt::format("{} has latent attention, beside whose products no adapters stand", model.name),
                 {"on: [mlp] stands beside those of MLPs"});
  if (adapters.on_mlp() && model.has(kExpertsSymbol))
    return fault(fmt::format("{} has experts, beside which no adapters stand", model.name),
                 {"on: [attention] stands beside attention's products"});
  if (adapters.on_mlp() && !model.has(kMlpSymbol)) return fault(fmt::format("no layer of {} has an MLP", model.name));
  if (adapters.rank > model.hidden)
    return fault(
        fmt::format("a rank of {} is more than the {} columns of {}", adapters.rank, model.hidden, model.name));
  const PipelineSchedule* schedule = PipelineSchedules::find(plan.schedule);
  if (schedule != nullptr && schedule->splits)
    return PlanFault{
        "schedule",
        fmt::format("the schedule '{}' makes weights' gradients in passes of their own, and frozen weights "
                    "have none",
                    plan.schedule),
        {"schedule could be 1f1b or interleaved"}};
  return std::nullopt;
}

}  // namespace orrery
