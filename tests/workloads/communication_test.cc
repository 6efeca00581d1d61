// Bytes that ranks exchange in a step, counted from the Program, are those of the formulas for each parallel dimension.
#include <set>

#include "tests/workloads/fixture.h"
#include "tests/workloads/traffic.h"
#include "workloads/schedules/schedule.h"

using namespace orrery;
using test::in_layer;
using test::model_named;
using test::plan_of;
using test::Traffic;
using test::traffic;

namespace {

bool once_a_step(const Op& op) { return op.phase == Phase::kGradients || op.phase == Phase::kOptimizer; }

Program step_of(std::string_view model, const std::string& plan, std::string_view stack = "megatron_lm") {
  const DecoderModel read = model_named(model);
  return training_step(read, plan_of(read, plan), test::stack_named(stack), test::chip_named("a100_sxm_80gb"));
}

using enum CollectiveKind;

}  // namespace

TEST_CASE("tensor parallelism: two all-reduces of s·b·h forward, two backward, a layer and microbatch") {
  // On a ring each moves 2(t − 1)/t of its bytes: 8(t − 1)/t·s·b·h elements a layer in all.
  const std::int64_t sbh = 2 * 2048 * std::int64_t{12288} * 2;
  const Program program = step_of("megatron_175b", "{tensor: 8, pipeline: 4, microbatch: 2, batch: 16}");
  for (const Role& role : program.roles) {
    const Traffic layers = traffic(program, role, &in_layer);
    const std::int64_t layer_passes = 96 / 4 * 8;
    CHECK(layers("tensor", kAllReduce) == 4 * sbh * layer_passes);
    CHECK(layers("tensor", kAllGather) == 0);
  }
}

TEST_CASE("full recomputation repeats the forward pass's all-reduces") {
  const std::int64_t sbh = 2048 * std::int64_t{12288} * 2;
  const Program program = step_of("megatron_175b", "{tensor: 8, pipeline: 4, batch: 8, recompute: full}");
  CHECK(traffic(program, program.roles[1], &in_layer)("tensor", kAllReduce) == 6 * sbh * 24 * 8);
}

TEST_CASE("sequence parallelism: gathers and scatters of the same volume, and inputs gathered again") {
  // Forward: gather, scatter, gather, scatter. Backward: the same, and each of the two inputs once more.
  const std::int64_t sbh = 2048 * std::int64_t{12288} * 2;
  const Program program = step_of("megatron_175b", "{tensor: 8, pipeline: 4, batch: 8, sequence_parallel: true}");
  for (const Role& role : program.roles) {
    const Traffic layers = traffic(program, role, &in_layer);
    CHECK(layers("tensor", kAllGather) == (2 + 2 + 2) * sbh * 24 * 8);
    CHECK(layers("tensor", kReduceScatter) == (2 + 2) * sbh * 24 * 8);
    CHECK(layers("tensor", kAllReduce) == 0);
  }
}

TEST_CASE("embedding and loss communicate at the ends of the pipeline only") {
  const std::int64_t sbh = 2048 * std::int64_t{12288} * 2;
  const Program program = step_of("megatron_175b", "{tensor: 8, pipeline: 4, batch: 8}");
  const auto outside = [&](std::size_t stage) {
    return traffic(program, program.roles[stage], [](const Op& op) { return !in_layer(op) && !once_a_step(op); })(
        "tensor", kAllReduce);
  };
  CHECK(outside(0) == 8 * sbh);  // the rows of a split table
  CHECK(outside(1) == 0);
  CHECK(outside(3) == 8 * (sbh + 3 * 2048 * 4));  // the logits' input gradient; maximum, target and sum
}

TEST_CASE("pipeline: s·b·h across each boundary and back, a microbatch and chunk") {
  const std::int64_t sbh = 2048 * std::int64_t{12288} * 2;
  const struct {
    const char* plan;
    std::int64_t share;   // of s·b·h that each rank sends
    std::int64_t chunks;  // a stage
  } rows[] = {
      {"{pipeline: 4, batch: 8}", 1, 1},
      {"{pipeline: 4, batch: 8, schedule: gpipe}", 1, 1},
      {"{tensor: 8, pipeline: 4, batch: 8}", 8, 1},  // scatter/gather
      {"{tensor: 8, pipeline: 4, batch: 8, sequence_parallel: true}", 8, 1},
      {"{tensor: 8, pipeline: 4, batch: 8, schedule: interleaved, interleave: 3}", 8, 3},
      {"{tensor: 8, pipeline: 2, batch: 8, schedule: interleaved, interleave: 3}", 8, 3},
  };
  for (const auto& row : rows) {
    CAPTURE(row.plan);
    const Program program = step_of("megatron_175b", row.plan);
    const std::size_t last = program.roles.size() - 1;
    for (std::size_t stage = 0; stage <= last; ++stage) {
      CAPTURE(stage);
      const Traffic own = traffic(program, program.roles[stage]);
      // All chunks send both ways, but for the model's first (no gradient) and its last (no activations).
      const std::int64_t crossings = 8 * (2 * row.chunks - (stage == 0 ? 1 : 0) - (stage == last ? 1 : 0));
      CHECK(own.sent == crossings * sbh / row.share);
      CHECK(own.received == crossings * sbh / row.share);
    }
  }
}

TEST_CASE("scatter/gather: what was received in shares is gathered over the tensor group") {
  const std::int64_t sbh = 2048 * std::int64_t{12288} * 2;
  const Program program = step_of("megatron_175b", "{tensor: 8, pipeline: 4, batch: 8}");
  CHECK(traffic(program, program.roles[0])("tensor", kAllGather) == 8 * sbh);
  CHECK(traffic(program, program.roles[1])("tensor", kAllGather) == 2 * 8 * sbh);
  CHECK(traffic(program, program.roles[3])("tensor", kAllGather) == 8 * sbh);
}

TEST_CASE("data parallelism: every gradient is reduced once, in fp32, bucketed or not") {
  // GPT with h = 12288, 24 layers a stage, t = 8: 12h²/t weights and (7h)/t biases split, 6h replicated, a layer.
  const std::int64_t h = 12288;
  const std::int64_t layer = 12 * h * h / 8 + 7 * h / 8 + 6 * h;
  const std::int64_t table = 51200 / 8 * h;
  const std::int64_t weights[] = {24 * layer + table + 2048 * h, 24 * layer, 24 * layer, 24 * layer + table + 2 * h};
  const std::string common = "tensor: 8, pipeline: 4, data: 2, batch: 16";
  for (const char* way :
       {"overlap_gradients: false", "bucket: 25 MiB", "bucket: 4 GiB", "bucket: 1 B, sequence_parallel: true",
        "schedule: interleaved, interleave: 3", "recompute: full"}) {
    CAPTURE(way);
    const Program program = step_of("megatron_175b", "{" + common + ", " + way + "}");
    for (std::size_t stage = 0; stage < 4; ++stage) {
      CAPTURE(stage);
      CHECK(traffic(program, program.roles[stage])("data", kAllReduce) == 4 * weights[stage]);
    }
    // Tied embeddings: both ends sum their copies' gradients.
    CHECK(traffic(program, program.roles[0])("embedding", kAllReduce) == 4 * table);
    CHECK(traffic(program, program.roles[1])("embedding", kAllReduce) == 0);
    CHECK(traffic(program, program.roles[3])("embedding", kAllReduce) == 4 * table);
  }
}

TEST_CASE("ZeRO 1: gradients are scattered and weights gathered") {
  const DecoderModel model = model_named("llama3_8b");
  for (const char* way : {"overlap_gradients: false", "overlap_gradients: true"}) {
    CAPTURE(way);
    const Program program =
        step_of("llama3_8b", std::string("{data: 4, zero: 1, batch: 16, ") + way + "}", "megatron_core");
    const Traffic own = traffic(program, program.roles[0]);
    const std::int64_t padding = 0;  // 128,256 is a multiple of 128
    CHECK(own("data", kReduceScatter) == 4 * (model.parameters() + padding));
    CHECK(own("data", kAllGather) == 2 * model.parameters());
    CHECK(own("data", kAllReduce) == 4);  // the norm
  }
}

TEST_CASE("a tied weight on a single stage is reduced once, in whatever chunks the stage runs") {
  const DecoderModel model = model_named("megatron_1.7b");
  for (const char* way : {"overlap_gradients: false", "overlap_gradients: true",
                          "overlap_gradients: true, schedule: interleaved, interleave: 2"}) {
    CAPTURE(way);
    const Program program = step_of("megatron_1.7b", std::string("{data: 4, batch: 16, ") + way + "}");
    CHECK(traffic(program, program.roles[0])("data", kAllReduce) == 4 * model.parameters());
    CHECK(program.groups.size() == 1);
  }
}

TEST_CASE("buckets are reduced while the last backward pass goes on, in order from the model's end") {
  const Program program = step_of("megatron_7.5b", "{tensor: 4, pipeline: 1, data: 2, batch: 8, bucket: 100 MiB}");
  const Role& role = program.roles[0];
  std::size_t buckets = 0;
  std::set<std::int32_t> microbatches;
  std::int32_t layer = 1000;
  for (const Op& op : role.ops) {
    if (op.kind != OpKind::kCollective || program.streams[op.stream] != "data") continue;
    ++buckets;
    microbatches.insert(op.microbatch);
    CHECK(op.layer <= layer);
    layer = op.layer;
    if (op.layer >= 0) CHECK(program.collectives[op.body].bytes >= Bytes(100 << 20));
  }
  CHECK(microbatches == std::set<std::int32_t>{3});
  CHECK(buckets > 36);
}
