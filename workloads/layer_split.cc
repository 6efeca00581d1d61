// Deals layers out to chunks.
#include "workloads/layer_split.h"

#include <numeric>

namespace orrery {

std::int64_t layer_places(const DecoderModel& model, const Plan& plan) {
  return model.layers + (plan.embedding_as_layer ? 1 : 0) + (plan.loss_as_layer ? 1 : 0);
}

LayerRange chunk_layers(const DecoderModel& model, const Plan& plan, std::int64_t stage, std::int64_t index) {
  const std::int64_t chunks = plan.pipeline * plan.interleave;
  const std::int64_t places = layer_places(model, plan) / chunks;
  const std::int64_t chunk = index * plan.pipeline + stage;
  if (!plan.stage_layers.empty()) {
    const auto own = plan.stage_layers.begin() + chunk;
    return {std::accumulate(plan.stage_layers.begin(), own, std::int64_t{0}), *own};
  }
  LayerRange layers{chunk * places, places};
  if (plan.embedding_as_layer) {
    if (chunk == 0) {
      --layers.count;
    } else {
      --layers.first;
    }
  }
  if (plan.loss_as_layer && chunk == chunks - 1) --layers.count;
  return layers;
}

}  // namespace orrery
