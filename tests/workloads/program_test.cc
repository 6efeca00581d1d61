// The Program of a step is well formed, small, labelled, and says the same whatever the order of its grid.
#include "sim/kernel/program.h"

#include <algorithm>
#include <set>

#include "tests/workloads/fixture.h"

using namespace orrery;
using test::model_named;
using test::plan_of;

namespace {

Program step_of(const DecoderModel& model, const std::string& plan, std::string_view stack = "megatron_lm") {
  return training_step(model, plan_of(model, plan), test::stack_named(stack), test::chip_named("a100_sxm_80gb"));
}

std::size_t bytes_of(const Program& program) {
  std::size_t bytes = program.kernels.size() * sizeof(KernelRow) + program.segments.size() * sizeof(Segment);
  for (const Role& role : program.roles) bytes += role.ops.size() * sizeof(Op) + role.waits.size() * sizeof(Wait);
  return bytes;
}

// Kernels of a segment in the order in which they run.
std::vector<std::string> kernels_of(const Program& program, const Segment& segment) {
  std::vector<std::string> names;
  for (std::uint32_t k = 0; k < segment.kernel_count; ++k)
    names.push_back(program.names[program.kernels[segment.first_kernel + k].name]);
  return names;
}

}  // namespace

TEST_CASE("every kind of plan makes a well-formed program") {
  const DecoderModel gpt = test::small_gpt(12);
  DecoderModel llama = gpt;
  llama.kv_heads = 4;
  llama.mlp = MlpKind::kSwiglu;
  llama.norm = NormKind::kRmsNorm;
  llama.position = PositionKind::kRotary;
  llama.biases = llama.dropout = llama.tied_embeddings = false;
  const char* plans[] = {
      "{batch: 4, sequence: 128}",
      "{data: 4, batch: 8, sequence: 128, zero: 1}",
      "{tensor: 4, batch: 2, sequence: 128}",
      "{tensor: 4, batch: 2, sequence: 128, sequence_parallel: true, recompute: selective}",
      "{pipeline: 3, batch: 4, sequence: 128, schedule: gpipe}",
      "{tensor: 2, pipeline: 3, data: 2, batch: 12, sequence: 128, recompute: full, overlap_gradients: false}",
      ("{tensor: 2, pipeline: 2, data: 2, batch: 12, sequence: 128, schedule: interleaved, interleave: 3, "
       "sequence_parallel: true, order: [pipeline, tensor, data]}"),
  };
  for (const DecoderModel& model : {gpt, llama}) {
    for (const char* plan : plans) {
      for (const char* stack : {"megatron_lm", "megatron_core"}) {
        CAPTURE(plan);
        CAPTURE(stack);
        const Program program = step_of(model, plan, stack);
        CHECK_NOTHROW(validate(program));
        CHECK(program.grid.rank_count() == program.role_of_rank.size());
        for (const Role& role : program.roles) {
          CHECK(role.ops.back().phase == Phase::kOptimizer);
          for (const Op& op : role.ops) CHECK_FALSE(program.names[op.name].empty());
        }
        // Twice the same bytes' worth.
        const Program again = step_of(model, plan, stack);
        CHECK(again.names == program.names);
        CHECK(again.segments.size() == program.segments.size());
        CHECK(bytes_of(again) == bytes_of(program));
      }
    }
  }
}

TEST_CASE("unfused kernels, and gradients added in a pass of their own, cost more of both time and HBM") {
  const DecoderModel model = test::small_gpt();
  const Plan plan = plan_of(model, "{batch: 1, sequence: 128}");
  const Chip chip = test::chip_named("a100_sxm_80gb");
  const auto total = [&](const Stack& stack) {
    const Program program = training_step(model, plan, stack, chip);
    std::pair<Duration, Bytes> sum;
    for (const Op& op : program.roles[0].ops) {
      if (op.kind != OpKind::kCompute) continue;
      sum.first += program.segments[SegmentId(op.body)].duration;
      sum.second += program.segments[SegmentId(op.body)].hbm;
    }
    return sum;
  };
  const Stack fused = test::stack_named("megatron_lm");
  const auto base = total(fused);
  for (bool Stack::*choice : {&Stack::fused_softmax, &Stack::fused_bias_gelu, &Stack::fused_bias_dropout_add}) {
    Stack unfused = fused;
    unfused.*choice = false;
    const auto more = total(unfused);
    CHECK(more.first > base.first);
    CHECK(more.second > base.second);
  }
  for (bool Stack::*choice : {&Stack::fused_gradient_accumulation, &Stack::fused_cross_entropy}) {
    Stack without = fused;
    Stack with = fused;
    without.*choice = false;
    with.*choice = true;
    CHECK(total(without).second > total(with).second);
  }
}

TEST_CASE("roles grow with stages, not with ranks") {
  const DecoderModel model = model_named("megatron_175b");
  const Program few = step_of(model, "{tensor: 8, pipeline: 8, data: 1, batch: 8}");
  const Program many = step_of(model, "{tensor: 8, pipeline: 8, data: 128, batch: 1024, overlap_gradients: false}");
  CHECK(many.role_of_rank.size() == 128 * few.role_of_rank.size());
  CHECK(many.roles.size() == 8);
  CHECK(many.roles[3].ops.size() < few.roles[3].ops.size() + 10);
}

TEST_CASE("a trillion parameters on 3,072 chips: every microbatch and layer, in less than 50 MB") {
  const Program program =
      step_of(model_named("megatron_1t"), "{tensor: 8, pipeline: 64, data: 6, batch: 3072, recompute: full}");
  CHECK(bytes_of(program) < 50'000'000);
  CHECK(program.segments.size() < 200);
  CHECK(program.roles.size() == 64);
  validate(program);
}

TEST_CASE("layers are numbered through the model, and microbatches and chunks through the step") {
  const Program program = step_of(
      test::small_gpt(12), "{tensor: 2, pipeline: 2, batch: 8, sequence: 128, schedule: interleaved, interleave: 3}");
  for (std::size_t stage = 0; stage < 2; ++stage) {
    std::set<std::int32_t> layers;
    for (const Op& op : program.roles[stage].ops) {
      if (op.layer < 0) continue;
      layers.insert(op.layer);
      CHECK(op.microbatch >= 0);
      CHECK(op.microbatch < 8);
      CHECK(op.layer / 4 == op.chunk);
    }
    // Two layers a chunk; chunk c of stage i starts at (2c + i)·2.
    const std::set<std::int32_t> even = {0, 1, 4, 5, 8, 9};
    const std::set<std::int32_t> odd = {2, 3, 6, 7, 10, 11};
    CHECK(layers == (stage == 0 ? even : odd));
  }
}

TEST_CASE("a layer's kernels stand in the order in which Megatron-LM runs them") {
  const Program program = step_of(test::small_gpt(1), "{batch: 1, sequence: 128}");
  const Role& role = program.roles[0];
  const auto layer = std::find_if(role.ops.begin(), role.ops.end(), [&](const Op& op) {
    return op.kind == OpKind::kCompute && op.layer == 0 && op.phase == Phase::kForward;
  });
  REQUIRE(layer != role.ops.end());
  CHECK(kernels_of(program, program.segments[SegmentId(layer->body)]) ==
        std::vector<std::string>{"norm", "qkv", "bias", "scores", "softmax", "attention dropout", "context",
                                 "context copy", "attention output", "bias dropout add", "norm", "mlp in", "gelu",
                                 "mlp out", "bias dropout add"});
}

TEST_CASE("a segment is its kernels, one after another, and the host's path through them") {
  const Stack stack = test::stack_named("megatron_lm");
  const Program program =
      step_of(model_named("megatron_22b"), "{tensor: 8, batch: 8, microbatch: 4, recompute: selective}");
  for (const Segment& segment : program.segments) {
    // The host queues a kernel every host_per_kernel; the device runs each once it is queued and the one before done.
    Duration queued;
    Duration device;
    Duration alone;
    for (std::uint32_t k = 0; k < segment.kernel_count; ++k) {
      queued += stack.host_per_kernel;
      device = std::max(device, queued) + program.kernels[segment.first_kernel + k].duration;
      alone += program.kernels[segment.first_kernel + k].duration;
    }
    CHECK(segment.duration == alone);
    CHECK(segment.host_time == queued);
    CHECK(segment.host_path == device);
  }
}

TEST_CASE("the reduction of an input's gradient runs beside the product for the weight's, if the plan says so") {
  const auto exposed = [](const std::string& overlap) {
    const Program program =
        step_of(test::small_gpt(1), "{tensor: 4, batch: 1, sequence: 128, overlap_tensor: " + overlap + "}");
    // A compute op that follows an all-reduce at once without waiting for it runs beside it.
    const Role& role = program.roles[0];
    std::size_t beside = 0;
    for (std::size_t i = 0; i + 1 < role.ops.size(); ++i) {
      if (role.ops[i].kind != OpKind::kCollective || role.ops[i + 1].kind != OpKind::kCompute) continue;
      if (role.ops[i + 1].wait_count == 0) ++beside;
    }
    return beside;
  };
  CHECK(exposed("true") == 3);  // two in the layer, one of the logits
  CHECK(exposed("false") == 0);
}

TEST_CASE("a chip on which a kernel would never end is refused, not run") {
  Chip chip = test::chip_named("a100_sxm_80gb");
  chip.matrix_peak.fill(FlopRate::flops_per_second(1));
  const DecoderModel model = model_named("megatron_175b");
  const Plan plan = plan_of(model, "{batch: 1}");
  CHECK_THROWS_AS(static_cast<void>(training_step(model, plan, test::stack_named("megatron_lm"), chip)), RunError);
}
