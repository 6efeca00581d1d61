// How a job is split over ranks and time: parallel dimensions, microbatches, pipeline schedule, recomputation,
// sharding.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/yaml.h"
#include "workloads/adapters.h"
#include "workloads/compression/choice.h"
#include "workloads/local_sgd.h"
#include "workloads/model.h"
#include "workloads/offload.h"
#include "workloads/optimizers/choice.h"
#include "workloads/recompute_modules.h"

namespace orrery {

// Selective: some modules, attention's core alone where none are named.
enum class Recompute : std::uint8_t { kNone, kSelective, kFull };

// How ranks of a context group, each with its share of every sequence, let their queries meet all keys.
enum class ContextExchange : std::uint8_t {
  kRing,       // keys and values go around, a share each time, beside attention to the share before
  kAllGather,  // keys and values of the whole sequence are gathered first
  kAllToAll,   // heads are shared out instead of the sequence, for the time of attention (Ulysses)
};
[[nodiscard]] std::string_view to_name(ContextExchange exchange);  // "ring"

struct Plan {
  std::int64_t tensor = 1;
  std::int64_t tensor_rows = 1;   // 2-D: of the mesh of tensor ranks that share out both sides of each weight
  std::int64_t tensor_tiles = 1;  // parts of a product that runs beside what its tensor group gathers or sums
  std::int64_t pipeline = 1;
  std::int64_t data = 1;
  std::int64_t context = 1;  // ranks that share out each sequence; replicas with each other for weights
  ContextExchange context_exchange = ContextExchange::kRing;
  std::int64_t expert =
      1;  // ranks that the experts of a layer are dealt out to; their replicas are replicas_of_experts
  std::int64_t expert_tensor = 0;    // ranks that share out each expert: 1, or the tensor ranks (0 says so too)
  double imbalance = 1;              // tokens of the rank whose experts get most ÷ those of the mean
  std::int64_t microbatch = 1;       // sequences
  std::int64_t batch = 1;            // sequences a step, all data-parallel replicas together
  std::int64_t source_sequence = 0;  // tokens that an encoder reads for each; 0: there is none
  std::int64_t documents = 1;        // packed into each sequence, of equal length; they don't attend to each other
  std::int64_t sequence = 2048;      // tokens; of an image, as many as its model cuts it into
  std::string schedule = "1f1b";     // a PipelineSchedules name (schedules/schedule.h)
  std::int64_t interleave = 1;       // model chunks a stage, where the schedule leaves them to the plan
  std::vector<std::int64_t> stage_layers;  // of each chunk, in the order of the model; empty: dealt out evenly
  bool embedding_as_layer = false;  // it takes a layer's place when layers are dealt out to stages (layer_split.h)
  bool loss_as_layer = false;       // so does the head with the loss: the stage that holds it has a layer less
  bool sequence_parallel = false;   // Megatron sequence parallelism (norms and dropouts sharded over the tensor group)
  Recompute recompute = Recompute::kNone;
  RecomputeModules again;         // of selective recomputation
  Offload offload;                // to the host
  Adapters adapters;              // that are trained, and nothing else
  CompressionChoice compression;  // of gradients
  // Sharded over the replicas: 1 the optimizer's state, 2 gradients too (scattered once a run of backward passes
  // through a chunk ends; step/stage.h), 3 weights too (gathered for each pass, layer by layer, and dropped after it).
  std::int64_t zero = 0;
  std::int64_t shard = 0;  // replicas that all this is sharded over, while others hold the same (hybrid); 0: all
  LocalSgd local_sgd;
  bool overlap_weights = false;   // zero 1 and 2: updated weights are gathered beside the next step's first passes
  bool overlap_tensor = true;     // the reduction of a layer input's gradient runs beside the weight's product
  bool overlap_gradients = true;  // buckets reduced while the backward pass goes on
  Bytes bucket{25 << 20};         // of gradients; only with overlap_gradients
  OptimizerChoice optimizer;
  // Fastest first. Where a sequence is shared out "context" stands here too, after "tensor" unless said otherwise.
  std::vector<std::string> order = {"tensor", "data", "pipeline"};

  [[nodiscard]] std::int64_t chips() const { return tensor * pipeline * data * context; }
  // Ranks of a site that hold the same weights: gradients are summed over them.
  [[nodiscard]] std::int64_t replicas() const { return data / local_sgd.sites * context; }
  // Of them, those that the optimizer's state, gradients or weights are sharded over.
  [[nodiscard]] std::int64_t sharded_over() const { return shard == 0 || zero == 0 ? replicas() : shard; }
  [[nodiscard]] std::int64_t expert_shards() const { return expert_tensor == 0 ? tensor : expert_tensor; }
  // Ranks among which experts are dealt out or held alike: all but those that share one out, and stages.
  [[nodiscard]] std::int64_t expert_places() const { return tensor / expert_shards() * replicas(); }
  [[nodiscard]] std::int64_t replicas_of_experts() const { return expert_places() / expert; }
  [[nodiscard]] std::int64_t experts_sharded_over() const {
    return replicas_of_experts() / (replicas() / sharded_over());
  }
  // Data ranks of a site that hold different experts, side by side.
  [[nodiscard]] std::int64_t expert_data_places() const {
    return expert == 1 ? 1 : data / local_sgd.sites / replicas_of_experts();
  }
  [[nodiscard]] std::int64_t ranks_along(std::string_view dimension) const;  // a name of `order`
  [[nodiscard]] std::int64_t microbatches() const { return batch / (data * microbatch); }
  // Model chunks a stage: `interleave`, or the schedule's own number.
  [[nodiscard]] std::int64_t chunks() const;
};

// What is wrong with a plan: the key at which to mend it, why, and values that would be right.
struct PlanFault {
  std::string key;
  std::string message;
  std::vector<std::string> notes;
};

// The first fault of a plan for this model: heads, groups and MLP width (and those of what is scanned) divisible by
// tensor, layers (and what counts as one) by pipeline × interleave, batch by data × microbatch, the schedule's own
// demands, sequence within the model's positions and divisible by what shares it out (twice context, so that each rank
// has an early and a late part), heads of a tensor rank by context where they are shared out, nothing so large that
// sizes overflow. Nothing: the plan can run (whether it fits in memory is memory_use's business).
[[nodiscard]] std::optional<PlanFault> plan_fault(const Plan& plan, const DecoderModel& model);

// Reads a plan; `batch` is required, the rest is as above when absent. `optimizer: muon`, or `optimizer: {name:
// shampoo, interval: 50, block: 4096, step: expensive}`, keys but the name optional; InputError for one that the
// optimizer hasn't got. InputError at the value that is wrong or, where a value that is absent is at fault, at the
// plan. Lists and mappings of other keys: recompute_modules.h, offload.h, adapters.h, compression/choice.h.
[[nodiscard]] Plan read_plan(const yaml::Node& node, const DecoderModel& model);

}  // namespace orrery
