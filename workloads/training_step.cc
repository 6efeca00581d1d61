// Builds the tapes that stages share, then each stage's role from them.
#include "workloads/training_step.h"

#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "sim/base/error.h"
#include "workloads/decoder/chunk.h"
#include "workloads/decoder/ends/ends.h"
#include "workloads/decoder/gathering.h"
#include "workloads/decoder/weights.h"
#include "workloads/layer_split.h"
#include "workloads/optimizers/optimizer.h"
#include "workloads/schedules/schedule.h"
#include "workloads/step/stage.h"
#include "workloads/step/update.h"

namespace orrery {
namespace {

using decoder::Chunk;
using decoder::Gathers;
using decoder::Shapes;
using decoder::WeightUnit;

class StepWriter {
 public:
  StepWriter(const DecoderModel& model, const Plan& plan, const Stack& stack, const Chip& chip)
      : plan_(&plan),
        shapes_(model, plan, stack),
        schedule_(PipelineSchedules::find(plan.schedule)),
        // Elsewhere both ends stand on each stage that has one of them.
        draft_(plan, stack, chip, (model.tied_embeddings || model.predicted > 0) && schedule_->way == Way::kRound,
               model.has(kExpertsSymbol)),
        chunks_(static_cast<std::int32_t>(plan.chunks())),
        stages_(static_cast<std::int32_t>(plan.pipeline)),
        zero_(plan.replicas() > 1 ? plan.zero : 0) {}

  Program write() {
    for (std::int32_t stage = 0; stage < stages_; ++stage) {
      const std::vector<Pass> passes =
          schedule_->passes(stage, stages_, static_cast<std::int32_t>(plan_->microbatches()), chunks_);
      std::vector<const step::ChunkTapes*> tapes;
      tapes.reserve(static_cast<std::size_t>(chunks_));
      std::vector<std::int32_t> first_layers;
      std::vector<ChunkPlace> places;
      for (std::int32_t c = 0; c < chunks_; ++c) {
        tapes.push_back(&tapes_of(chunk(stage, c), units_of(stage, c + 1)));
        places.push_back(chunk_place(*plan_, stage, c));
        first_layers.push_back(static_cast<std::int32_t>(chunk_layers(shapes_.model, *plan_, stage, c).first));
      }
      const step::UpdatePlan update = update_of(stage);
      // One after another: each adds to the draft.
      const step::Tape prologue = step::prologue(draft_, update, [&](step::TapeWriter& tape) {
        for (const WeightUnit& unit : units_of(stage, 0)) decoder::gather_weights(unit, tape);
      });
      const step::Tape epilogue = step::epilogue(draft_, update);
      draft_.add(step::write_stage(draft_,
                                   {.stage = stage,
                                    .stages = stages_,
                                    .chunks = chunks_,
                                    .passes = passes,
                                    .tapes = tapes,
                                    .first_layers = first_layers,
                                    .places = places,
                                    .boundary = boundary(),
                                    .reduces_runs = zero_ == 2,
                                    .messages_apart = schedule_->messages_apart(),
                                    .staggers = staggers()},
                                   prologue, epilogue));
    }
    return draft_.finish();
  }

 private:
  [[nodiscard]] Chunk chunk(std::int32_t stage, std::int32_t index) const {
    return decoder::chunk_of(shapes_, *plan_, stage, index);
  }

  const step::ChunkTapes& tapes_of(const Chunk& chunk, const std::vector<WeightUnit>& following) {
    std::unique_ptr<step::ChunkTapes>& tapes = tapes_[{chunk, following}];
    if (tapes) return *tapes;
    tapes = std::make_unique<step::ChunkTapes>();
    const Gathers gathers = zero_ == 3 ? Gathers::kAhead : Gathers::kNone;
    tapes->forward = decoder::forward(shapes_, chunk, gathers, {}, draft_);
    tapes->first_forward =
        gathers_once() ? decoder::forward(shapes_, chunk, Gathers::kOnce, following, draft_) : tapes->forward;
    const std::optional<step::Buckets> always = zero_ == 3 ? std::optional(buckets()) : std::nullopt;
    const std::optional<step::Buckets> last = reduces_early() ? std::optional(buckets()) : std::nullopt;
    const auto backward = [&](const std::optional<step::Buckets>& reduced, step::Gradients gradients) {
      return decoder::backward(shapes_, chunk, gathers, reduced, gradients, draft_);
    };
    const step::Gradients whole = shapes_.frozen() ? step::Gradients::kAdapters : step::Gradients::kAll;
    tapes->backward = backward(always, whole);
    tapes->last_backward = last && !always ? backward(last, whole) : tapes->backward;
    if (!schedule_->splits) return *tapes;
    tapes->input_gradient = backward(std::nullopt, step::Gradients::kInputs);
    tapes->weight_gradient = backward(std::nullopt, step::Gradients::kWeights);
    tapes->last_weight_gradient = last ? backward(last, step::Gradients::kWeights) : tapes->weight_gradient;
    return *tapes;
  }

  // Of the weights that are gathered beside passes; of a chunk after a stage's last, none.
  [[nodiscard]] std::vector<WeightUnit> units_of(std::int32_t stage, std::int32_t index) const {
    if (!gathers_once() || index >= chunks_) return {};
    return decoder::weight_units(shapes_, chunk(stage, index), Gathers::kOnce);
  }
  [[nodiscard]] bool staggers() const { return schedule_->staggers && stages_ > 1; }
  [[nodiscard]] bool gathers_once() const { return plan_->overlap_weights && (zero_ == 1 || zero_ == 2); }

  [[nodiscard]] bool reduces_early() const { return plan_->overlap_gradients && plan_->replicas() > 1; }
  [[nodiscard]] step::Buckets buckets() const {
    const Bytes size = zero_ == 3 ? Bytes(std::numeric_limits<std::int64_t>::max()) : plan_->bucket;  // layer by layer
    std::optional<Format> wire = shapes_.stack.roles.gradients;
    if (wire == format_of(shapes_.stack.gradient)) wire.reset();
    return {size, size_of(shapes_.stack.gradient),
            plan_->zero > 0 ? CollectiveKind::kReduceScatter : CollectiveKind::kAllReduce, wire};
  }

  [[nodiscard]] step::Boundary boundary() const {
    const Bytes beside = shapes_.bytes(decoder::ends_of(shapes_.model).carried(shapes_));
    const Bytes whole = shapes_.hidden_bytes() + beside;
    if (shapes_.sequence_parallel) return {shapes_.bytes(shapes_.shard * shapes_.hidden) + beside, Bytes(0)};
    if (!shapes_.stack.scatter_gather_messages || shapes_.tensor == 1) return {whole, Bytes(0)};
    return {Bytes(divide(whole.count(), shapes_.tensor, Rounding::kUp)), whole};
  }

  [[nodiscard]] step::UpdatePlan update_of(std::int32_t stage) {
    decoder::Weights weights;
    std::vector<WeightShape> listed;
    for (std::int32_t c = 0; c < chunks_; ++c) {
      weights += decoder::trained_weights(shapes_, chunk(stage, c));
      const std::vector<WeightShape> more = decoder::trained_weight_shapes(shapes_, chunk(stage, c));
      listed.insert(listed.end(), more.begin(), more.end());
    }
    const Optimizer* optimizer = Optimizers::find(plan_->optimizer.name);
    const bool at_an_end = stage == 0 || stage == stages_ - 1;
    const bool frozen = shapes_.frozen();
    const bool shares = at_an_end && !frozen;
    const Bytes stored = frozen ? shapes_.bytes(weights.all()) : decoder::stored_bytes(shapes_, weights);
    return {.weights = weights.all(),
            .tensor_replicated = shapes_.sequence_parallel || frozen ? weights.replicated : 0,
            .shared_embedding = shares ? shapes_.vocab * shapes_.hidden : 0,
            .stored = stored,
            .gathered = frozen ? stored : decoder::gathered_bytes(shapes_, weights),
            .cast_read = decoder::stored_bytes(shapes_, {.split = weights.products, .products = weights.products}),
            .cast = zero_ == 3 || frozen ? Bytes(0) : decoder::cast_bytes(shapes_, weights),
            .replicas = plan_->sharded_over(),
            .expert_weights = weights.experts,
            .expert_replicas = plan_->experts_sharded_over(),
            .expert_stored = decoder::stored_bytes(shapes_, weights.only_experts()),
            .expert_gathered = decoder::gathered_bytes(shapes_, weights.only_experts()),
            .shard_optimizer = zero_ > 0,
            .shard_gradients = zero_ >= 2,
            .gradients_reduced = reduces_early(),
            .mirror = schedule_->way == Way::kBothWays ? std::optional(draft_.mirror(stage, stages_)) : std::nullopt,
            .alone = staggers(),
            .optimizer = optimizer,
            .work = work_of(*optimizer, listed),
            .local_sgd = plan_->local_sgd,
            .compressor = plan_->compression.any() ? Compressors::find(plan_->compression.kind) : nullptr,
            .compression = compression_of(listed),
            .on_host = plan_->offload.optimizer,
            .gather_weights = zero_ < 3 && !gathers_once()};
  }

  [[nodiscard]] CompressionWork compression_of(const std::vector<WeightShape>& listed) const {
    const bool tf32 = draft_.chip().matrix_peak[static_cast<std::size_t>(Precision::kTf32)] > FlopRate();
    return {.choice = plan_->compression,
            .shapes = listed,
            .replicas = plan_->replicas(),
            .gradient = size_of(shapes_.stack.gradient),
            .products = tf32 ? Precision::kTf32 : shapes_.stack.compute};
  }

  [[nodiscard]] OptimizerWork work_of(const Optimizer& optimizer, const std::vector<WeightShape>& listed) const {
    OptimizerWork work = optimizer_work(optimizer, plan_->optimizer, listed,
                                        {plan_->sharded_over(), plan_->experts_sharded_over(), zero_ > 0});
    const auto known = [this](Precision precision) {
      return draft_.chip().matrix_peak[static_cast<std::size_t>(precision)] > FlopRate() ? precision
                                                                                         : shapes_.stack.compute;
    };
    work.gradient = size_of(shapes_.stack.gradient);
    if (shapes_.stack.roles.master) work.master = shapes_.stack.master().bytes(1);
    work.tokens = shapes_.tokens;
    work.fast = known(Precision::kBf16);
    work.exact = known(Precision::kTf32);
    return work;
  }

  const Plan* plan_;
  Shapes shapes_;
  const PipelineSchedule* schedule_;
  step::Draft draft_;
  std::int32_t chunks_;
  std::int32_t stages_;
  std::int64_t zero_;  // 0 where there is one replica
  std::map<std::pair<Chunk, std::vector<WeightUnit>>, std::unique_ptr<step::ChunkTapes>> tapes_;  // with what follows
};

}  // namespace

Program training_step(const DecoderModel& model, const Plan& plan, const Stack& stack, const Chip& chip) {
  if (const auto fault = stack_fault(stack, chip)) throw RunError(*fault);
  if (const auto fault = stack_fault(stack, plan)) throw RunError(*fault);
  if (const auto fault = offload_fault(plan, chip)) throw RunError(*fault);
  return StepWriter(model, plan, stack, chip).write();
}

StepFlops step_flops(const Program& program) {
  std::vector<double> ranks(program.roles.size(), 0);
  for (const std::uint32_t role : program.role_of_rank) ++ranks[role];
  double model = 0;
  double hardware = 0;
  for (std::size_t r = 0; r < program.roles.size(); ++r) {
    double role_model = 0;
    double role_hardware = 0;
    for (const Op& op : program.roles[r].ops) {
      if (op.kind != OpKind::kCompute) continue;
      const Segment& segment = program.segments[SegmentId(op.body)];
      role_model += segment.model_flops.count();
      role_hardware += segment.hardware_flops.count();
    }
    model += ranks[r] * role_model;
    hardware += ranks[r] * role_hardware;
  }
  return {FlopCount(model), FlopCount(hardware)};
}

}  // namespace orrery
