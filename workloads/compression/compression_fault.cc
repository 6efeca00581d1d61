// Says why gradients can't be compressed, with what would be right.
#include "workloads/compression/compression_fault.h"

#include <fmt/format.h>

#include "workloads/schedules/schedule.h"

namespace orrery {

std::optional<PlanFault> compression_fault(const Plan& plan, const DecoderModel& model) {
  if (!plan.compression.any()) return std::nullopt;
  if (plan.zero > 0)
    return PlanFault{"zero",
                     fmt::format("gradients are compressed whole; zero: {} leaves each replica a share", plan.zero),
                     {"zero could be 0"}};
  if (plan.replicas() > 1 && plan.overlap_gradients)
    return PlanFault{"gradient_compression",
                     "gradients are compressed once all of them are there",
                     {"overlap_gradients: false leaves them to the end"}};
  if (model.experts)
    return PlanFault{
        "gradient_compression", fmt::format("{} has experts, whose gradients fewer replicas sum", model.name), {}};
  const PipelineSchedule* schedule = PipelineSchedules::find(plan.schedule);
  if (schedule != nullptr && schedule->way == Way::kBothWays)
    return PlanFault{
        "schedule",
        fmt::format("the schedule '{}' sums gradients of two copies of the weights, never compressed", plan.schedule),
        {}};
  return std::nullopt;
}

}  // namespace orrery
