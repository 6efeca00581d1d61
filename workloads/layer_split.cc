// Deals layers out to chunks.
#include "workloads/layer_split.h"

#include <numeric>

#include "workloads/schedules/schedule.h"

namespace orrery {

std::int64_t layer_places(const DecoderModel& model, const Plan& plan) {
  return model.layers + (plan.embedding_as_layer ? 1 : 0) + (plan.loss_as_layer ? 1 : 0);
}

ChunkPlace chunk_place(const Plan& plan, std::int64_t stage, std::int64_t index) {
  const PipelineSchedule* schedule = PipelineSchedules::find(plan.schedule);
  return chunk_place(schedule == nullptr ? Way::kRound : schedule->way, stage, plan.pipeline, index, plan.chunks());
}

LayerRange chunk_layers(const DecoderModel& model, const Plan& plan, std::int64_t stage, std::int64_t index) {
  const ChunkPlace chunk = chunk_place(plan, stage, index);
  if (!plan.stage_layers.empty()) {
    const auto own = plan.stage_layers.begin() + chunk.position;
    return {std::accumulate(plan.stage_layers.begin(), own, std::int64_t{0}), *own};
  }
  const std::int64_t places = layer_places(model, plan) / chunk.count;
  LayerRange layers{chunk.position * places, places};
  if (plan.embedding_as_layer) {
    if (chunk.first()) {
      --layers.count;
    } else {
      --layers.first;
    }
  }
  if (plan.loss_as_layer && chunk.last()) --layers.count;
  return layers;
}

}  // namespace orrery
