// What a plan and a model demand of each other, each breach with the values that would be right.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "workloads/adapters_fault.h"
#include "workloads/compression/compression_fault.h"
#include "workloads/evenly.h"
#include "workloads/layer_split.h"
#include "workloads/optimizers/optimizer.h"
#include "workloads/plan.h"
#include "workloads/schedules/schedule.h"
#include "workloads/share_fault.h"

namespace orrery {
namespace {

// Ops of a Program grow with layers × microbatches; 2²² of them are some gigabytes, far beyond any published run.
constexpr std::int64_t kMostLayerPasses = std::int64_t{1} << 22U;
// Bytes of one tensor on one rank: a thousand times what any memory holds, small enough for sums to stay below 2⁶³.
constexpr Int128 kMostTensorBytes = Int128{1} << 54U;
constexpr int kWidestElement = 4;
constexpr Int128 kMostChips = Int128{1} << 60U;

using Fault = std::optional<PlanFault>;

Fault batch_fault(const Plan& plan) {
  const std::int64_t unit = plan.data * plan.microbatch;
  if (plan.batch % unit == 0) return std::nullopt;
  const std::int64_t below = plan.batch / unit * unit;
  std::string right = fmt::format("batch could be {}", below + unit);
  if (below > 0) right = fmt::format("batch could be {} or {}", below, below + unit);
  return PlanFault{"batch",
                   fmt::format("a batch of {} isn't a multiple of data {} × microbatch {} = {}", plan.batch, plan.data,
                               plan.microbatch, unit),
                   {right}};
}

std::string places_text(const Plan& plan) {
  if (plan.embedding_as_layer && plan.loss_as_layer) return "layers, embedding and loss among them,";
  if (plan.embedding_as_layer) return "layers, the embedding among them,";
  return plan.loss_as_layer ? "layers, the loss among them," : "layers";
}

// Which of the keys that count something else as a layer would let the stages divide, beside those that are set: "" if
// none does.
std::string remedy(const Plan& plan, const DecoderModel& model) {
  for (const auto& [embedding, loss] : {std::pair(true, true), std::pair(true, false), std::pair(false, true)}) {
    if ((plan.embedding_as_layer && !embedding) || (plan.loss_as_layer && !loss)) continue;
    Plan other = plan;
    other.embedding_as_layer = embedding;
    other.loss_as_layer = loss;
    const std::int64_t places = layer_places(model, other);
    if (places % plan.pipeline != 0 || places % chunk_place(plan, 0, 0).count != 0) continue;
    if (embedding && loss) return fmt::format("with embedding_as_layer and loss_as_layer: true there are {}", places);
    return fmt::format("with {}: true there are {}", embedding ? "embedding_as_layer" : "loss_as_layer", places);
  }
  return "";
}

// Of layers that the plan deals out itself.
Fault stage_layers_fault(const Plan& plan, const DecoderModel& model) {
  const auto chunks = static_cast<std::size_t>(chunk_place(plan, 0, 0).count);
  if (plan.stage_layers.size() != chunks)
    return PlanFault{"stage_layers",
                     fmt::format("there are {} counts of layers for {} stages of {} chunks", plan.stage_layers.size(),
                                 plan.pipeline, plan.interleave),
                     {fmt::format("stage_layers could have {}, in the order of the model", chunks)}};
  Int128 sum = 0;
  for (const std::int64_t count : plan.stage_layers) sum += count;
  if (sum != model.layers)
    return PlanFault{
        "stage_layers",
        fmt::format("these are {} layers; {} has {}", static_cast<std::int64_t>(sum), model.name, model.layers),
        {}};
  if (plan.embedding_as_layer || plan.loss_as_layer)
    return PlanFault{"stage_layers",
                     "layers are dealt out one by one: nothing else can count as one",
                     {"embedding_as_layer and loss_as_layer could be false"}};
  return std::nullopt;
}

Way known_way(const Plan& plan) {
  const PipelineSchedule* schedule = PipelineSchedules::find(plan.schedule);
  return schedule == nullptr ? Way::kRound : schedule->way;
}

Fault layers_fault(const Plan& plan, const DecoderModel& model) {
  if (!plan.stage_layers.empty()) return stage_layers_fault(plan, model);
  const std::int64_t places = layer_places(model, plan);
  Fault fault = divides("pipeline", plan.pipeline, places, places_text(plan));
  if (!fault && known_way(plan) == Way::kRound)
    return divides("interleave", plan.interleave, places / plan.pipeline, "layers of a stage");
  if (!fault && places % chunk_place(plan, 0, 0).count != 0)
    return PlanFault{"schedule",
                     fmt::format("the schedule '{}' runs two model chunks a stage; {} layers of a stage can't be split "
                                 "evenly over 2",
                                 plan.schedule, places / plan.pipeline),
                     {divisors("pipeline", places / 2)}};
  if (!fault) return std::nullopt;
  if (const std::string note = remedy(plan, model); !note.empty()) fault->notes.push_back(note);
  return fault;
}

std::string microbatches_note(const Plan& plan) {
  return fmt::format("microbatches = batch {} ÷ (data {} × microbatch {})", plan.batch, plan.data, plan.microbatch);
}

Fault schedule_fault(const Plan& plan) {
  const PipelineSchedule* schedule = PipelineSchedules::find(plan.schedule);
  if (schedule == nullptr)
    return PlanFault{"schedule", unknown_name("pipeline schedule", plan.schedule, PipelineSchedules::names()), {}};
  if (plan.interleave > 1 && !schedule->interleaves)
    return schedule->way == Way::kRound
               ? PlanFault{"interleave",
                           fmt::format("the schedule '{}' runs one model chunk a stage, not {}", plan.schedule,
                                       plan.interleave),
                           {"schedule: interleaved runs several"}}
               : PlanFault{"interleave",
                           fmt::format("the schedule '{}' always runs two model chunks a stage", plan.schedule),
                           {"interleave could be left out"}};
  if (schedule->interleaves && plan.microbatches() % plan.pipeline != 0)
    return PlanFault{"schedule",
                     fmt::format("the schedule '{}' needs microbatches in multiples of the {} stages; there are {}",
                                 plan.schedule, plan.pipeline, plan.microbatches()),
                     {microbatches_note(plan)}};
  if (plan.pipeline % schedule->multiple != 0)
    return PlanFault{"pipeline",
                     fmt::format("the schedule '{}' needs stages in multiples of {}; there are {}", plan.schedule,
                                 schedule->multiple, plan.pipeline),
                     {}};
  const std::int64_t least = schedule->least * plan.pipeline;
  if (plan.microbatches() < least || plan.microbatches() % schedule->multiple != 0)
    return PlanFault{
        "schedule",
        fmt::format("the schedule '{}' needs at least {} microbatches for {} stages{}; there are {}", plan.schedule,
                    least, plan.pipeline, schedule->multiple > 1 ? ", an even number" : "", plan.microbatches()),
        {microbatches_note(plan)}};
  if (schedule->splits && plan.zero >= 2 && plan.replicas() > 1)
    return PlanFault{
        "zero",
        fmt::format("the schedule '{}' makes weights' gradients in passes of their own, for which zero: {} "
                    "would need weights or gradients that it has dropped",
                    plan.schedule, plan.zero),
        {"zero could be 0 or 1"}};
  return std::nullopt;
}

Fault sites_fault(const Plan& plan) {
  if (plan.data % plan.local_sgd.sites == 0) return std::nullopt;
  return PlanFault{"local_sgd",
                   fmt::format("data {} can't be split evenly over {} sites", plan.data, plan.local_sgd.sites),
                   {divisors("sites", plan.data)}};
}

// Whether replicas can be told apart as hybrid sharding wants it.
Fault shard_fault(const Plan& plan) {
  if (plan.shard == 0 || plan.zero == 0) return std::nullopt;
  const std::int64_t unit = plan.context * plan.expert_data_places();  // what all shares have
  if (plan.shard % unit == 0 && plan.replicas() % plan.shard == 0) return std::nullopt;
  std::string right = fmt::format("shard could divide {}", plan.replicas());
  if (unit > 1)
    right += fmt::format(" and be a multiple of {}: all context ranks and all that hold different experts", unit);
  return PlanFault{
      "shard", fmt::format("{} replicas can't be split into shares of {}", plan.replicas(), plan.shard), {right}};
}

Fault optimizer_fault(const Plan& plan) {
  const Optimizer* optimizer = Optimizers::find(plan.optimizer.name);
  if (optimizer == nullptr)
    return PlanFault{"optimizer", unknown_name("optimizer", plan.optimizer.name, Optimizers::names()), {}};
  if (!optimizer->matrices || plan.zero < 2 || plan.replicas() == 1) return std::nullopt;
  return PlanFault{"zero",
                   fmt::format("the optimizer '{}' needs whole matrices, of which zero: {} leaves each replica a part",
                               plan.optimizer.name, plan.zero),
                   {"zero could be 0 or 1"}};
}

std::string next_multiple(std::int64_t sequence, std::int64_t unit) {
  return fmt::format("sequence could be {}", (sequence / unit + 1) * unit);
}

Fault context_fault(const Plan& plan, const DecoderModel& model) {
  if (plan.context == 1) return std::nullopt;
  if (model.window > 0)
    return PlanFault{
        "context", "what a window shows isn't told apart where ranks share out each sequence", {"context could be 1"}};
  const std::int64_t parts = 2 * plan.context;
  if (plan.sequence % parts != 0)
    return PlanFault{
        "context",
        fmt::format("{} tokens can't be split evenly into {} parts, an early and a late one for each of {} "
                    "context ranks",
                    plan.sequence, parts, plan.context),
        {next_multiple(plan.sequence, parts)}};
  if (plan.context_exchange != ContextExchange::kAllToAll) return std::nullopt;
  // Divisors of the heads; those of the sequence may leave fewer.
  if (Fault fault = divides("context", plan.context, model.heads / plan.tensor, "heads of a tensor rank")) return fault;
  return divides("context", plan.context, model.kv_heads / plan.tensor, "key-value heads of a tensor rank");
}

// An image has as many tokens as its model cuts it into, and they stay together.
Fault image_fault(const Plan& plan, const DecoderModel& model) {
  if (!model.image) return std::nullopt;
  if (plan.sequence != model.image_tokens)
    return PlanFault{"sequence",
                     fmt::format("an image is {} tokens to {}, not {}", model.image_tokens, model.name, plan.sequence),
                     {"sequence could be absent"}};
  if (plan.context > 1) return PlanFault{"context", "an image's tokens aren't shared out", {"context could be 1"}};
  return std::nullopt;
}

// What an encoder reads stays together on each rank, and its model can.
Fault source_fault(const Plan& plan, const DecoderModel& model) {
  if (!model.encodes()) {
    if (plan.source_sequence == 0) return std::nullopt;
    return PlanFault{"source_sequence", fmt::format("{} has no encoder", model.name), {}};
  }
  if (plan.context > 1) return PlanFault{"context", "what an encoder reads isn't shared out", {"context could be 1"}};
  if (model.position == PositionKind::kLearned && plan.source_sequence > model.positions)
    return PlanFault{"source_sequence",
                     fmt::format("a source of {} tokens is longer than the {} positions that this model has learned",
                                 plan.source_sequence, model.positions),
                     {fmt::format("source_sequence could be up to {}", model.positions)}};
  if (plan.sequence_parallel && plan.source_sequence % plan.tensor != 0)
    return PlanFault{
        "source_sequence",
        fmt::format("sequence parallelism can't split {} tokens evenly over {} tensor ranks", plan.source_sequence,
                    plan.tensor),
        {fmt::format("source_sequence could be {}", (plan.source_sequence / plan.tensor + 1) * plan.tensor)}};
  return std::nullopt;
}

Fault documents_fault(const Plan& plan, const DecoderModel& model) {
  if (plan.documents == 1) return std::nullopt;
  if (model.image || model.encodes())
    return PlanFault{"documents",
                     fmt::format("only sequences of text that a decoder reads are packed; {} reads others", model.name),
                     {"documents could be 1"}};
  if (plan.context > 1)
    return PlanFault{
        "documents", "documents aren't told apart where ranks share out each sequence", {"context could be 1"}};
  return divides("documents", plan.documents, plan.sequence, "tokens of a sequence");
}

Fault sequence_fault(const Plan& plan, const DecoderModel& model) {
  if (Fault fault = image_fault(plan, model)) return fault;
  if (Fault fault = source_fault(plan, model)) return fault;
  if (Fault fault = documents_fault(plan, model)) return fault;
  if (const std::int64_t longest = plan.sequence / plan.documents;
      model.position == PositionKind::kLearned && longest > model.positions)
    return PlanFault{"sequence",
                     fmt::format("a {} of {} tokens is longer than the {} positions that this model has learned",
                                 plan.documents > 1 ? "document" : "sequence", longest, model.positions),
                     {fmt::format("sequence could be up to {}", model.positions * plan.documents)}};
  if (Fault fault = context_fault(plan, model)) return fault;
  if (plan.sequence_parallel && plan.context > 1 && plan.sequence / plan.context % plan.tensor != 0)
    return PlanFault{"sequence",
                     fmt::format("sequence parallelism can't split the {} tokens of a context rank evenly over {} "
                                 "tensor ranks",
                                 plan.sequence / plan.context, plan.tensor),
                     {next_multiple(plan.sequence, 2 * plan.context * plan.tensor)}};
  if (plan.sequence_parallel && plan.sequence % plan.tensor != 0)
    return PlanFault{"sequence",
                     fmt::format("sequence parallelism can't split {} tokens evenly over {} tensor ranks",
                                 plan.sequence, plan.tensor),
                     {fmt::format("sequence could be {}", (plan.sequence / plan.tensor + 1) * plan.tensor)}};
  return std::nullopt;
}

// Of the largest tensor of a scan: what its first product makes, the states between chunks, the scores within them.
Int128 scan_elements(const Plan& plan, const DecoderModel& model) {
  if (!model.mamba) return 0;
  const Mamba& mamba = *model.mamba;
  const Int128 tokens = static_cast<Int128>(plan.microbatch) * plan.sequence;
  return std::max({tokens * mamba.projected(), (tokens / mamba.chunk + plan.microbatch) * mamba.inner * mamba.state,
                   tokens * mamba.chunk * mamba.groups});
}

Fault size_fault(const Plan& plan, const DecoderModel& model) {
  const Int128 passes = static_cast<Int128>(plan.microbatches()) * model.layers;
  if (passes > kMostLayerPasses)
    return PlanFault{"batch",
                     fmt::format("{} microbatches of {} layers are too many to simulate; at most {} layer passes are "
                                 "possible",
                                 plan.microbatches(), model.layers, kMostLayerPasses),
                     {"a larger microbatch or more data replicas make fewer"}};
  const std::int64_t longest = std::max(plan.sequence, plan.source_sequence);
  const Int128 tokens = static_cast<Int128>(plan.microbatch) * longest;
  const std::int64_t widest =
      std::max({model.hidden, model.ffn_in(), model.vocab, model.query_width() + 2 * model.kv_width()});
  const Int128 scores = tokens * longest * (model.heads / plan.tensor);
  if (std::max({tokens * widest, scores, scan_elements(plan, model)}) * kWidestElement > kMostTensorBytes)
    return PlanFault{"microbatch",
                     fmt::format("a microbatch of {} sequences of {} tokens makes tensors of more than 16 PiB",
                                 plan.microbatch, plan.sequence),
                     {}};
  return std::nullopt;
}

// Whether tensor ranks can be a mesh.
Fault mesh_fault(const Plan& plan, const DecoderModel& model) {
  if (plan.tensor_rows == 1) return std::nullopt;
  if (Fault fault = divides("tensor_rows", plan.tensor_rows, plan.tensor, "tensor ranks")) return fault;
  if (Fault fault = divides("tensor_rows", plan.tensor_rows, model.hidden, "columns of the residual stream"))
    return fault;
  if (!plan.sequence_parallel)
    return PlanFault{"tensor_rows",
                     "ranks of a mesh each hold their own part of the residual stream",
                     {"sequence_parallel: true says so"}};
  if (model.experts || model.latent || model.mamba || plan.adapters.any())
    return PlanFault{
        "tensor_rows", "only plain attention and MLPs are shared out over a mesh", {"tensor_rows could be 1"}};
  return std::nullopt;
}

Fault ranks_fault(const Plan& plan) {
  const Int128 ranks = static_cast<Int128>(plan.tensor) * plan.pipeline * plan.data * plan.context;
  if (ranks <= kMostChips) return std::nullopt;
  return PlanFault{"context", "the plan needs more chips than can be counted", {}};
}

}  // namespace

std::optional<PlanFault> plan_fault(const Plan& plan, const DecoderModel& model) {
  if (Fault fault = ranks_fault(plan)) return fault;
  if (Fault fault = sites_fault(plan)) return fault;
  if (Fault fault = share_fault(plan, model)) return fault;
  if (Fault fault = mesh_fault(plan, model)) return fault;
  if (Fault fault = layers_fault(plan, model)) return fault;
  if (Fault fault = batch_fault(plan)) return fault;
  if (plan.zero >= 2 && plan.replicas() > 1 && !plan.overlap_gradients)
    return PlanFault{
        "overlap_gradients",
        fmt::format("zero: {} scatters gradients in each backward pass: none are left for the end", plan.zero),
        {"overlap_gradients could be true"}};
  if (Fault fault = shard_fault(plan)) return fault;
  if (Fault fault = optimizer_fault(plan)) return fault;
  if (Fault fault = schedule_fault(plan)) return fault;
  if (Fault fault = offload_fault(plan, model)) return fault;
  if (Fault fault = adapters_fault(plan, model)) return fault;
  if (Fault fault = compression_fault(plan, model)) return fault;
  if (Fault fault = sequence_fault(plan, model)) return fault;
  return size_fault(plan, model);
}

}  // namespace orrery
