// Which keys of a plan have no effect, given the others.
#include "sim/scenario/unused.h"

#include <fmt/format.h>

#include <span>

#include "workloads/schedules/schedule.h"

namespace orrery {
namespace {

struct Rule {
  std::string_view key;
  bool idle;  // given or not, the step is the same
  std::string_view why;
};

std::vector<std::string> idle_keys(const yaml::Node& node, std::string_view what, std::span<const Rule> rules) {
  std::vector<std::string> said;
  yaml::Map map(node, what);
  for (const Rule& rule : rules) {
    if (!rule.idle) continue;
    if (const auto value = map.optional(rule.key)) {
      const SourceSpan where = value->span();
      said.push_back(fmt::format("{}:{}: '{}' changes nothing: {}", where.file, where.line, rule.key, rule.why));
    }
  }
  return said;
}

}  // namespace

std::vector<std::string> unused_inputs(const yaml::Node& plan_node, const Plan& plan, const DecoderModel& model) {
  const bool attends = model.attends();
  const bool one_tensor = plan.tensor == 1;
  const bool one_replica = plan.replicas() == 1;
  const bool one_stage = plan.pipeline == 1;
  const PipelineSchedule& schedule = *PipelineSchedules::find(plan.schedule);
  const bool one_chunk = one_stage && plan.interleave == 1;
  const Rule rules[] = {
      {"sequence_parallel", plan.sequence_parallel && one_tensor, "there is only one tensor rank"},
      {"tensor_tiles", plan.tensor_tiles > 1 && one_tensor, "there is only one tensor rank"},
      {"overlap_tensor", one_tensor, "there is only one tensor rank"},
      {"context_exchange", plan.context == 1, "no sequence is shared out: context is 1"},
      {"context_exchange", plan.context > 1 && !attends, "no layer attends: none exchanges keys and values"},
      {"documents", plan.documents > 1 && !attends, "no layer attends: nothing else tells them apart"},
      {"recompute", plan.recompute == Recompute::kSelective && plan.again.names().empty() && !attends,
       "selective forms attention's core again, and no layer attends"},
      {"recompute", plan.again.core_attention && !attends, "core_attention: no layer attends"},
      {"recompute", plan.again.latent_up && !model.latent, "latent_up: no layer has latent attention"},
      {"recompute", plan.again.mlp && !model.has(kMlpSymbol), "mlp: no layer has an MLP"},
      {"recompute", plan.again.experts && !model.has(kExpertsSymbol), "experts: no layer has any"},
      {"recompute", plan.again.shared_experts && !(model.experts && model.experts->shared > 0),
       "shared_experts: no layer has any"},
      {"recompute",
       plan.again.mlp_activation && (plan.again.mlp || !model.has(kMlpSymbol)) &&
           (plan.again.experts || !model.has(kExpertsSymbol)),
       "mlp_activation: no layer has an MLP that isn't formed again as a whole"},
      {"zero", plan.zero > 0 && one_replica, "there is only one data replica to shard over"},
      {"shard", plan.zero == 0, "nothing is sharded: zero is 0"},
      {"shard", plan.zero > 0 && plan.shard == plan.replicas(), "it is sharded over all replicas anyway"},
      {"overlap_weights", plan.overlap_weights && one_replica, "there is only one data replica to shard over"},
      {"overlap_weights", plan.overlap_weights && !one_replica && plan.zero == 0, "weights aren't gathered: zero is 0"},
      {"overlap_weights", plan.overlap_weights && !one_replica && plan.zero == 3,
       "zero: 3 gathers weights in each pass"},
      {"bucket", !one_replica && plan.zero == 3, "zero: 3 reduces the gradients of a layer at a time"},
      {"overlap_gradients", one_replica, "there is only one data replica: no gradients are reduced"},
      {"gradient_compression", one_replica, "there is only one data replica: no gradients are reduced"},
      {"bucket", one_replica, "there is only one data replica: no gradients are reduced"},
      {"bucket", !one_replica && !plan.overlap_gradients, "gradients are reduced after the backward pass, all at once"},
      {"schedule", one_stage && !schedule.splits && !(schedule.weaves && model.experts),
       "there is only one pipeline stage"},
      {"schedule", !one_stage && plan.schedule == "interleaved" && plan.interleave == 1,
       "interleaved with one chunk a stage is 1f1b"},
      {"interleave", plan.interleave > 1 && one_stage, "there is only one pipeline stage"},
      {"embedding_as_layer", plan.embedding_as_layer && one_chunk, "one stage of one chunk holds all layers"},
      {"loss_as_layer", plan.loss_as_layer && one_chunk, "one stage of one chunk holds all layers"},
  };

  return idle_keys(plan_node, "a plan", rules);
}

std::vector<std::string> unused_costs(const yaml::Node& cost_node, const CostTerms& terms) {
  using Charge = CostTerms::Charge;
  const bool rented = terms.charge == Charge::kRent;
  constexpr std::string_view kInRent = "with charge: rent it is part of the rent";
  const std::string_view lives = rented ? kInRent : "with charge: own a run pays for the machine whole";
  const Rule rules[] = {
      {"chip", rented, kInRent},
      {"node", rented, kInRent},
      {"network", rented, kInRent},
      {"facility", rented, kInRent},
      {"life", terms.charge != Charge::kAmortise, lives},
      {"facility_life", terms.charge != Charge::kAmortise, lives},
      {"utilisation", rented, kInRent},
      {"maintenance", rented, kInRent},
      {"electricity", rented, kInRent},
      {"rent", !rented, "nothing is rented: `charge` isn't rent"},
  };
  return idle_keys(cost_node, "a cost", rules);
}

}  // namespace orrery
