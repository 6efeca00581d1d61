// Stages that hold a layer less for the embedding or the loss do the model's work all the same, no more and no less.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "sim/kernel/engine.h"
#include "tests/workloads/fixture.h"
#include "workloads/layer_split.h"

using namespace orrery;
using test::plan_of;

namespace {

DecoderModel small_llama(std::int64_t layers) {
  DecoderModel model = test::small_gpt(layers);
  model.kv_heads = 4;
  model.mlp = MlpKind::kSwiglu;
  model.norm = NormKind::kRmsNorm;
  model.position = PositionKind::kRotary;
  model.biases = model.dropout = model.tied_embeddings = false;
  return model;
}

Program step_of(const DecoderModel& model, const Plan& plan, std::string_view stack) {
  REQUIRE_FALSE(plan_fault(plan, model));
  return training_step(model, plan, test::stack_named(stack), test::chip_named("a100_sxm_80gb"));
}

// Of one category, all stages together.
Bytes held(const DecoderModel& model, const Plan& plan, std::string_view category) {
  Bytes sum;
  for (std::uint32_t stage = 0; stage < plan.pipeline; ++stage)
    for (const auto& each :
         stage_memory(model, plan, test::stack_named("megatron_core"), test::chip_named("h100_sxm"), stage).categories)
      if (each.name == category) sum += each.bytes;
  return sum;
}

// Bytes that one rank of each role brings to a group's collectives, all roles together.
Bytes brought(const Program& program, std::string_view group) {
  Bytes sum;
  for (const Role& role : program.roles)
    for (const Op& op : role.ops)
      if (op.kind == OpKind::kCollective && program.groups[program.collectives[op.body].group.index()].name == group)
        sum += program.collectives[op.body].bytes;
  return sum;
}

// Layers that a phase of one microbatch computes, in order, each as often as roles do.
std::vector<std::int32_t> visited(const Program& program, Phase phase) {
  std::vector<std::int32_t> layers;
  for (const Role& role : program.roles) {
    std::set<std::int32_t> own;
    for (const Op& op : role.ops)
      if (op.kind == OpKind::kCompute && op.phase == phase && op.layer >= 0 && op.microbatch == 0) own.insert(op.layer);
    layers.insert(layers.end(), own.begin(), own.end());
  }
  std::sort(layers.begin(), layers.end());
  return layers;
}

struct Case {
  Plan plan;
  DecoderModel model;
};

// A plan whose places divide, and a model of what is left for layers (at least one).
Case random_case() {
  Case one;
  Plan& plan = one.plan;
  plan.embedding_as_layer = *rc::gen::arbitrary<bool>();
  plan.loss_as_layer = *rc::gen::arbitrary<bool>();
  plan.pipeline = *rc::gen::inRange<std::int64_t>(1, 6);
  plan.schedule = *rc::gen::elementOf(std::vector<std::string>{"gpipe", "1f1b", "interleaved"});
  if (plan.schedule == "interleaved") plan.interleave = *rc::gen::inRange<std::int64_t>(1, 4);
  const std::int64_t chunks = plan.pipeline * plan.interleave;
  const std::int64_t own = (plan.embedding_as_layer ? 1 : 0) + (plan.loss_as_layer ? 1 : 0);
  const std::int64_t least = (own + chunks) / chunks;  // places of a chunk, so that one layer is left
  const std::int64_t layers = chunks * *rc::gen::inRange<std::int64_t>(least, least + 4) - own;
  plan.tensor = *rc::gen::elementOf(std::vector<std::int64_t>{1, 2});
  plan.data = *rc::gen::elementOf(std::vector<std::int64_t>{1, 3});
  plan.zero = plan.data > 1 ? *rc::gen::inRange<std::int64_t>(0, 2) : 0;
  plan.recompute =
      *rc::gen::elementOf(std::vector<Recompute>{Recompute::kNone, Recompute::kSelective, Recompute::kFull});
  plan.sequence_parallel = *rc::gen::arbitrary<bool>();
  plan.sequence = 128;
  plan.batch = plan.data * plan.pipeline * *rc::gen::inRange<std::int64_t>(1, 3);
  one.model = small_llama(layers);
  return one;
}

}  // namespace

TEST_CASE("Llama 3 405B on 16 stages of eight chunks: the embedding alone, the head alone, a layer each between") {
  const DecoderModel model = test::model_named("llama3.1_405b");
  const Plan plan = plan_of(model,
                            "{pipeline: 16, schedule: interleaved, interleave: 8, batch: 16, sequence: 8192, "
                            "embedding_as_layer: true, loss_as_layer: true}");
  CHECK(layer_places(model, plan) == 128);
  CHECK(chunk_layers(model, plan, 0, 0) == LayerRange{0, 0});
  CHECK(chunk_layers(model, plan, 1, 0) == LayerRange{0, 1});
  CHECK(chunk_layers(model, plan, 0, 1) == LayerRange{15, 1});
  CHECK(chunk_layers(model, plan, 14, 7) == LayerRange{125, 1});
  CHECK(chunk_layers(model, plan, 15, 7) == LayerRange{126, 0});
}

TEST_CASE("either alone takes a layer from its own end only") {
  const DecoderModel model = test::small_gpt(7);
  const Plan first = plan_of(model, "{pipeline: 4, batch: 4, sequence: 128, embedding_as_layer: true}");
  CHECK(chunk_layers(model, first, 0, 0) == LayerRange{0, 1});
  CHECK(chunk_layers(model, first, 1, 0) == LayerRange{1, 2});
  CHECK(chunk_layers(model, first, 3, 0) == LayerRange{5, 2});
  const Plan last = plan_of(model, "{pipeline: 4, batch: 4, sequence: 128, loss_as_layer: true}");
  CHECK(chunk_layers(model, last, 0, 0) == LayerRange{0, 2});
  CHECK(chunk_layers(model, last, 3, 0) == LayerRange{6, 1});
}

TEST_CASE("random splits: every layer once, in order, and what stages hold, compute and reduce adds up to the model") {
  const bool held_true = rc::check("splits", [] {
    const auto [plan, model] = random_case();
    RC_ASSERT(!plan_fault(plan, model));
    std::int64_t next = 0;
    for (std::int64_t c = 0; c < plan.pipeline * plan.interleave; ++c) {
      const LayerRange range = chunk_layers(model, plan, c % plan.pipeline, c / plan.pipeline);
      RC_ASSERT(range.count >= 0);
      RC_ASSERT(range.first == next);
      next += range.count;
    }
    RC_ASSERT(next == model.layers);

    Plan whole = plan;  // the same job on one stage
    whole.pipeline = whole.interleave = 1;
    whole.schedule = "gpipe";
    whole.embedding_as_layer = whole.loss_as_layer = false;
    RC_ASSERT(held(model, plan, "weights") == held(model, whole, "weights"));
    RC_ASSERT(held(model, plan, "gradients") == held(model, whole, "gradients"));
    // ZeRO's shares are rounded up, once on each stage.
    const Bytes more = held(model, plan, "optimizer") - held(model, whole, "optimizer");
    RC_ASSERT(more >= Bytes(0) && more <= Bytes(12 * plan.pipeline));
    if (plan.schedule == "gpipe") RC_ASSERT(held(model, plan, "activations") == held(model, whole, "activations"));

    const Program split = step_of(model, plan, "megatron_core");
    const Program even = step_of(model, whole, "megatron_core");
    validate(split);
    const auto near = [](FlopCount a, FlopCount b) { return std::abs(a.count() / b.count() - 1) < 1e-12; };
    RC_ASSERT(near(step_flops(split).model, step_flops(even).model));
    RC_ASSERT(near(step_flops(split).hardware, step_flops(even).hardware));
    // Layers and tables in their tensor group; each stage adds one norm of four bytes to the data group under ZeRO.
    const Bytes norms = Bytes(plan.zero > 0 ? 4 * (plan.pipeline - 1) : 0);
    RC_ASSERT(brought(split, "data") == brought(even, "data") + norms);
    RC_ASSERT(brought(split, "tensor") == brought(even, "tensor"));
    std::vector<std::int32_t> all(static_cast<std::size_t>(model.layers));
    std::iota(all.begin(), all.end(), 0);
    // Segments are labelled by their longest kernel: of layers for sure where each layer is one of its own.
    if (plan.tensor == 1) RC_ASSERT(visited(split, Phase::kForward) == all);
    if (plan.tensor == 1 && plan.recompute == Recompute::kNone) RC_ASSERT(visited(split, Phase::kBackward) == all);
  });
  CHECK(held_true);
}

TEST_CASE("the first and last stage hold a layer's states and activations less, those between what they held") {
  const DecoderModel model = small_llama(10);
  const Plan uneven = plan_of(
      model, "{pipeline: 4, batch: 8, sequence: 128, schedule: gpipe, embedding_as_layer: true, loss_as_layer: true}");
  const Plan even = plan_of(small_llama(12), "{pipeline: 4, batch: 8, sequence: 128, schedule: gpipe}");
  const Stack stack = test::stack_named("megatron_core");
  const Chip chip = test::chip_named("h100_sxm");
  const std::int64_t weights = 256 * (256 + 2 * 128 + 256 + 2 * 1024 + 1024) + 2 * 256;  // of a layer
  const std::map<std::string, Bytes> less = {{"weights", Bytes(2 * weights)},
                                             {"gradients", Bytes(4 * weights)},
                                             {"optimizer", Bytes(12 * weights)},
                                             {"activations", layer_activations(model, uneven, stack) * 8},
                                             {"buffers", Bytes(0)}};
  for (std::uint32_t stage = 0; stage < 4; ++stage) {
    const MemoryUse mine = stage_memory(model, uneven, stack, chip, stage);
    const MemoryUse full = stage_memory(small_llama(12), even, stack, chip, stage);
    for (std::size_t c = 0; c < mine.categories.size(); ++c) {
      CAPTURE(stage);
      CAPTURE(mine.categories[c].name);
      const Bytes missing = stage == 0 || stage == 3 ? less.at(mine.categories[c].name) : Bytes(0);
      CHECK(mine.categories[c].bytes + missing == full.categories[c].bytes);
    }
  }
}

TEST_CASE("steps of uneven stages end, the embedding and the head alone on theirs included") {
  for (const char* stack_name : {"megatron_lm", "megatron_core"}) {
    for (const char* more :
         {"schedule: gpipe", "schedule: 1f1b", "schedule: interleaved, interleave: 2", "recompute: full, tensor: 2",
          "tensor: 2, sequence_parallel: true, data: 2, zero: 1", "schedule: interleaved, interleave: 4"}) {
      for (const bool tied : {false, true}) {
        CAPTURE(stack_name);
        CAPTURE(more);
        DecoderModel model = small_llama(14);
        model.tied_embeddings = tied;
        const Plan plan =
            plan_of(model, std::string("{pipeline: 4, batch: 16, sequence: 128, embedding_as_layer: true, "
                                       "loss_as_layer: true, ") +
                               more + "}");
        const Stack stack = test::stack_named(stack_name);
        const Chip chip = test::chip_named("a100_sxm_80gb");
        const Program program = training_step(model, plan, stack, chip);
        const Fabric fabric = test::star(chip, static_cast<std::size_t>(plan.chips()));
        Placement placement;
        for (std::size_t r = 0; r < program.role_of_rank.size(); ++r) placement.add(ChipId(r));
        RunOptions options;
        options.network = "fluid";
        options.costs = stack.communication;
        std::uint64_t ops = 0;
        for (const std::uint32_t role : program.role_of_rank) ops += program.roles[role].ops.size();
        CHECK(run({&fabric, &program, &placement}, options).ops == ops);
      }
    }
  }
}

TEST_CASE("a head as heavy as a layer: counting it as one shortens the step") {
  // Four stages with four places each; the head's products, 3 × 2·s·h·V FLOPs, equal those of about one layer.
  DecoderModel model = small_llama(15);
  model.vocab = 4 * 1024 + 512;
  DecoderModel even = model;
  even.layers = 16;
  const Stack stack = test::stack_named("megatron_core");
  const Chip chip = test::chip_named("a100_sxm_80gb");
  const auto busiest = [&](const DecoderModel& of, const std::string& more) {
    const Program program =
        training_step(of, plan_of(of, "{pipeline: 4, batch: 16, sequence: 128" + more + "}"), stack, chip);
    Duration most;
    for (const Role& role : program.roles) {
      Duration sum;
      for (const Op& op : role.ops)
        if (op.kind == OpKind::kCompute && op.microbatch >= 0) sum += program.segments[SegmentId(op.body)].duration;
      most = std::max(most, sum);
    }
    return most;
  };
  CHECK(busiest(model, ", loss_as_layer: true") < busiest(even, ""));
}
