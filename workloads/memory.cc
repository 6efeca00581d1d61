// Adds up what a stage holds: states by its weights, activations by its schedule, buffers by its largest moment.
#include "workloads/memory.h"

#include <algorithm>

#include "workloads/compression/compressor.h"
#include "workloads/decoder/activations.h"
#include "workloads/decoder/ends/ends.h"
#include "workloads/decoder/gathering.h"
#include "workloads/decoder/offloading.h"
#include "workloads/decoder/weights.h"
#include "workloads/optimizers/optimizer.h"
#include "workloads/schedules/schedule.h"
#include "workloads/step/meeting.h"

namespace orrery {
namespace {

using decoder::Chunk;
using decoder::Shapes;

std::vector<Chunk> chunks_of(const Shapes& shapes, const Plan& plan, std::int64_t stage) {
  std::vector<Chunk> chunks;
  for (std::int64_t c = 0; c < plan.chunks(); ++c) chunks.push_back(decoder::chunk_of(shapes, plan, stage, c));
  return chunks;
}

// What is kept of a microbatch, by chunk.
struct Kept {
  std::vector<Bytes> whole;  // between its forward and its backward pass
  std::vector<Bytes> half;   // of a split backward pass: what the half for inputs leaves for the half for weights
};

Kept kept_here(const Shapes& shapes, const std::vector<Chunk>& chunks) {
  Kept kept;
  for (const Chunk& chunk : chunks) {
    kept.whole.push_back(decoder::chunk_activations(shapes, chunk));
    kept.half.push_back(decoder::chunk_weight_operands(shapes, chunk));
  }
  return kept;
}

Kept kept_by_host(const Shapes& shapes, const std::vector<Chunk>& chunks) {
  Kept kept;
  for (const Chunk& chunk : chunks) kept.whole.push_back(decoder::offloaded_activations(shapes, chunk));
  kept.half.resize(chunks.size());
  return kept;
}

// The most at any time.
Bytes peak_kept(const Kept& kept, const Plan& plan, std::int64_t stage) {
  Bytes now;
  Bytes peak;
  for (const Pass& pass :
       PipelineSchedules::find(plan.schedule)
           ->passes(static_cast<std::int32_t>(stage), static_cast<std::int32_t>(plan.pipeline),
                    static_cast<std::int32_t>(plan.microbatches()), static_cast<std::int32_t>(plan.interleave))) {
    const auto chunk = static_cast<std::size_t>(pass.chunk);
    if (pass.is_forward()) now += kept.whole[chunk];
    if (pass.returns()) now -= kept.whole[chunk];
    if (pass.kind == PassKind::kInputGradient) now += kept.half[chunk];
    if (pass.kind == PassKind::kWeightGradient) now -= kept.half[chunk];
    peak = std::max(peak, now);
  }
  return peak;
}

}  // namespace

Bytes MemoryUse::total() const {
  Bytes sum;
  for (const Category& category : categories) sum += category.bytes;
  return sum;
}

MemoryUse stage_memory(const DecoderModel& model, const Plan& plan, const Stack& stack, const Chip& chip,
                       std::uint32_t stage) {
  const Shapes shapes(model, plan, stack);
  const std::vector<Chunk> chunks = chunks_of(shapes, plan, stage);
  decoder::Weights held;
  decoder::Weights trained;
  std::vector<WeightShape> listed;
  Bytes buffers;
  Bytes chunk_gradients;  // of the largest
  Bytes unit;             // the largest that ZeRO 3 gathers at a time
  Bytes cast;             // of the layer that has most
  for (const Chunk& chunk : chunks) {
    const decoder::Weights own_weights = decoder::chunk_weights(shapes, chunk);
    held += own_weights;
    const decoder::Weights own_trained = decoder::trained_weights(shapes, chunk);
    trained += own_trained;
    const std::vector<WeightShape> more = decoder::trained_weight_shapes(shapes, chunk);
    listed.insert(listed.end(), more.begin(), more.end());
    chunk_gradients = std::max(chunk_gradients, size_of(stack.gradient) * own_trained.all());
    buffers = std::max(buffers, decoder::chunk_buffers(shapes, chunk));
    for (const decoder::WeightUnit& each : decoder::weight_units(shapes, chunk, decoder::Gathers::kAhead))
      unit = std::max(unit, each.held);
    for (const std::string_view each : chunk.layers)
      cast = std::max(cast, decoder::cast_bytes(shapes, decoder::layer_weights(shapes, each)));
  }
  if (plan.pipeline > 1)  // one message in, one out
    buffers += shapes.bytes(shapes.shard * shapes.hidden + decoder::ends_of(model).carried(shapes)) * 2;
  const std::int64_t zero = plan.replicas() > 1 ? plan.zero : 0;
  const std::int64_t replicas = plan.sharded_over();
  const std::int64_t expert_replicas = plan.experts_sharded_over();
  const auto part = [](std::int64_t count, std::int64_t among) { return (count + among - 1) / among; };
  const std::int64_t share = part(trained.shared(), replicas) + part(trained.experts, expert_replicas);
  const std::int64_t own = zero > 0 ? share : trained.all();
  const Bytes adapters = shapes.bytes(shapes.frozen() ? trained.all() : 0);
  Bytes stored = decoder::stored_bytes(shapes, held) + decoder::cast_bytes(shapes, held) + adapters;
  Bytes gradients = size_of(stack.gradient) * trained.all();
  // Two at a time, one in use or in the making, one under way; but of several chunks one whole, until its run ends.
  if (zero == 2) buffers += plan.chunks() > 1 ? chunk_gradients : std::min(plan.bucket, gradients) * 2;
  if (zero == 3) {
    const Bytes unit_gradients = size_of(stack.gradient) * (2 * unit.count() / size_of(stack.compute).count());
    buffers += (unit + cast) * 2 + (shapes.frozen() ? gradients : unit_gradients);
    const Bytes shared = decoder::stored_bytes(shapes, held.without_experts()) + adapters;
    const Bytes experts = decoder::stored_bytes(shapes, held.only_experts());
    stored = Bytes(divide(shared.count(), replicas, Rounding::kUp)) +
             Bytes(divide(experts.count(), expert_replicas, Rounding::kUp));
  }
  if (zero >= 2) gradients = size_of(stack.gradient) * own;
  if (plan.compression.any() && replicas > 1)
    gradients +=
        Compressors::find(plan.compression.kind)->memory({plan.compression, listed, replicas, size_of(stack.gradient)});
  const Optimizer& optimizer = *Optimizers::find(plan.optimizer.name);
  const OptimizerWork work = optimizer_work(optimizer, plan.optimizer, listed, {replicas, expert_replicas, zero > 0});
  const Bytes masters = stack.copies_master() ? stack.master().bytes(own) : Bytes(0);
  const Bytes states = masters + optimizer.state(work) + step::outer_state(plan.local_sgd, share);

  MemoryUse use;
  use.stage = stage;
  use.capacity = chip.hbm.capacity;
  use.categories = {{"weights", stored},
                    {"gradients", gradients},
                    {"optimizer", plan.offload.optimizer ? Bytes(0) : states},
                    {"activations", peak_kept(kept_here(shapes, chunks), plan, stage)},
                    {"buffers", buffers}};
  if (!plan.offload.any() || !chip.host) return use;
  use.host_capacity = chip.host->memory;
  use.host = peak_kept(kept_by_host(shapes, chunks), plan, stage);
  if (plan.offload.optimizer) use.host += states + (stack.copies_master() ? Bytes(0) : size_of(stack.compute) * own);
  return use;
}

MemoryUse memory_use(const DecoderModel& model, const Plan& plan, const Stack& stack, const Chip& chip) {
  MemoryUse most = stage_memory(model, plan, stack, chip, 0);
  Bytes host = most.host;
  for (std::uint32_t stage = 1; stage < plan.pipeline; ++stage) {
    MemoryUse use = stage_memory(model, plan, stack, chip, stage);
    host = std::max(host, use.host);
    if (use.total() > most.total()) most = std::move(use);
  }
  most.host = host;
  return most;
}

Bytes layer_activations(const DecoderModel& model, const Plan& plan, const Stack& stack, std::int64_t layer) {
  const Shapes shapes(model, plan, stack);
  return decoder::layer_activations(shapes, model.layer(layer), shapes.recompute);
}

}  // namespace orrery
