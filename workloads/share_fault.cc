// What a model's heads, columns and experts demand of the ranks that share them out.
#include "workloads/share_fault.h"

#include <fmt/format.h>

#include <utility>

#include "workloads/evenly.h"

namespace orrery {
namespace {

using Fault = std::optional<PlanFault>;

// Whether the plan deals experts out in a way that this model and its other dimensions allow.
Fault experts_fault(const Plan& plan, const DecoderModel& model) {
  if (!model.experts) {
    for (const auto& [key, given] :
         {std::pair("expert", plan.expert > 1), std::pair("expert_tensor", plan.expert_tensor > 0),
          std::pair("imbalance", plan.imbalance != 1)})
      if (given) return PlanFault{key, fmt::format("{} has no experts", model.name), {}};
    return std::nullopt;
  }
  if (plan.tensor > 1 && !plan.sequence_parallel)
    return PlanFault{"tensor",
                     "where tensor ranks hold the same rows, each would send them to experts",
                     {"sequence_parallel: true gives each its own"}};
  if (plan.expert_shards() != 1 && plan.expert_shards() != plan.tensor)
    return PlanFault{"expert_tensor",
                     fmt::format("each expert is shared out over 1 or all {} tensor ranks, not {}", plan.tensor,
                                 plan.expert_shards()),
                     {}};
  if (Fault fault = divides("expert", plan.expert, model.experts->count, "experts")) return fault;
  if (Fault fault = divides("expert_tensor", plan.expert_shards(), model.experts->ffn, "columns of an expert"))
    return fault;
  if (Fault fault = divides("tensor", plan.tensor, model.experts->shared, "columns of the shared experts"))
    return fault;
  if (plan.expert == 1) return std::nullopt;
  const std::int64_t before =
      plan.expert_places() / (plan.data / plan.local_sgd.sites);  // ranks that come before those
  if (plan.expert_places() % plan.expert != 0 || plan.expert % before != 0)
    return PlanFault{
        "expert",
        fmt::format("experts can't be dealt out over {} of {} ranks", plan.expert, plan.expert_places()),
        {fmt::format("expert could be a multiple of {} that divides {}: {}of data {}", before, plan.expert_places(),
                     before > 1 ? "all tensor and context ranks, and some " : "", plan.data)}};
  return std::nullopt;
}

// Whether tensor ranks can share out what is scanned, and context ranks each have all that the next one's convolution
// sees.
Fault scan_fault(const Plan& plan, const DecoderModel& model) {
  if (!model.mamba) return std::nullopt;
  const Mamba& mamba = *model.mamba;
  if (Fault fault = divides("tensor", plan.tensor, mamba.groups, "groups of the scan's heads")) return fault;
  if (plan.context > 1 && plan.sequence / plan.context < mamba.conv - 1)
    return PlanFault{"context",
                     fmt::format("a convolution over {} tokens sees more than the {} before it that a context rank has",
                                 mamba.conv, plan.sequence / plan.context),
                     {}};
  return std::nullopt;
}

}  // namespace

std::optional<PlanFault> share_fault(const Plan& plan, const DecoderModel& model) {
  if (Fault fault = divides("tensor", plan.tensor, model.heads, "heads")) return fault;
  if (Fault fault = divides("tensor", plan.tensor, model.kv_heads, "key-value heads")) return fault;
  if (Fault fault = divides("tensor", plan.tensor, model.ffn, "columns of the MLP")) return fault;
  if (Fault fault = scan_fault(plan, model)) return fault;
  return experts_fault(plan, model);
}

}  // namespace orrery
