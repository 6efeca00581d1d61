// Split backward passes in real steps: the two halves are the whole, stages play the order, memory holds what is left.
#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/kernel/engine.h"
#include "sim/report/breakdown.h"
#include "tests/workloads/fixture.h"
#include "workloads/layer_split.h"
#include "workloads/schedules/schedule.h"
#include "workloads/step/stage.h"

using namespace orrery;
using test::plan_of;

namespace {

const std::vector<std::string> kAll = {"1f1b", "zb_h1", "zb_2p", "zb_v", "dualpipe", "dualpipe_v"};

std::string with_schedule(const std::string& schedule, const std::string& more) {
  return "{" + more + ", schedule: " + schedule + "}";
}

RunResult play(const Program& program, const Chip& chip, std::string_view network, BreakdownSink* breakdown = nullptr) {
  const Fabric fabric = test::star(chip, program.role_of_rank.size());
  Placement placement;
  for (std::size_t r = 0; r < program.role_of_rank.size(); ++r) placement.add(ChipId(r));
  RunOptions options;
  options.network = network;
  if (breakdown != nullptr) options.sinks = {breakdown};
  return run({&fabric, &program, &placement}, options);
}

// A Program whose passes of each kind all last alike, on the stages that a schedule makes of `text`.
struct Equal {
  Program program;
  Duration pass;
};
Equal equal_passes(const std::string& text) {
  const DecoderModel model = test::small_gpt(16);
  const Plan plan = plan_of(model, text);
  Stack stack = test::stack_named("megatron_core");
  stack.host_per_kernel = stack.host_per_message = Duration();
  const Chip chip = test::chip_named("a100_sxm_80gb");
  step::Draft draft(plan, stack, chip, false);
  const auto tape = [&draft](int kernels) {
    step::TapeWriter writer(draft);
    for (int k = 0; k < kernels; ++k) writer.run(stream("work", Bytes(1 << 24), Bytes(1 << 24)));
    return writer.finish();
  };
  step::ChunkTapes tapes;
  tapes.forward = tapes.first_forward = tapes.input_gradient = tapes.weight_gradient = tapes.last_weight_gradient =
      tape(1);
  tapes.backward = tapes.last_backward = tape(2);
  const PipelineSchedule& schedule = *PipelineSchedules::find(plan.schedule);
  for (std::int32_t stage = 0; stage < plan.pipeline; ++stage) {
    const std::vector<Pass> passes =
        schedule.passes(stage, static_cast<std::int32_t>(plan.pipeline), static_cast<std::int32_t>(plan.microbatches()),
                        static_cast<std::int32_t>(plan.interleave));
    const std::vector<const step::ChunkTapes*> all(static_cast<std::size_t>(plan.chunks()), &tapes);
    const std::vector<std::int32_t> layers(all.size(), 0);
    std::vector<ChunkPlace> places;
    for (std::int64_t c = 0; c < plan.chunks(); ++c) places.push_back(chunk_place(plan, stage, c));
    draft.add(step::write_stage(draft,
                                {.stage = stage,
                                 .stages = static_cast<std::int32_t>(plan.pipeline),
                                 .chunks = static_cast<std::int32_t>(plan.chunks()),
                                 .passes = passes,
                                 .tapes = all,
                                 .first_layers = layers,
                                 .places = places,
                                 .boundary = {Bytes(1), Bytes(0)},
                                 .messages_apart = schedule.messages_apart(),
                                 .staggers = schedule.staggers},
                                {}, {}));
  }
  Program program = draft.finish();
  const Duration pass = program.segments[SegmentId(0)].duration;
  return {std::move(program), pass};
}

}  // namespace

TEST_CASE("stages with passes of equal length have the bubbles of the literature, played by the engine") {
  // In passes: 1F1B 3(p − 1), ZB-H1 p − 1, ZB-2P and ZB-V none between steps that follow each other; DualPipe, its
  // pairs one after the other, (p/2 − 1)(F + B − 2W) = p/2 − 1; DualPipeV p − 1, of half stages as ZB-V's.
  const Chip chip = test::chip_named("a100_sxm_80gb");
  for (const std::int64_t p : {2, 4, 8}) {
    for (const std::int64_t m : {2 * p, 5 * p}) {
      const std::map<std::string, std::int64_t> bubbles = {
          {"gpipe", 3 * (p - 1)},  {"1f1b", 3 * (p - 1)}, {"zb_h1", p - 1}, {"zb_2p", 0}, {"zb_v", 0},
          {"dualpipe", p / 2 - 1}, {"dualpipe_v", p - 1}};
      for (const auto& [schedule, bubble] : bubbles) {
        CAPTURE(schedule);
        CAPTURE(p);
        CAPTURE(m);
        const Equal equal = equal_passes(with_schedule(
            schedule, "pipeline: " + std::to_string(p) + ", batch: " + std::to_string(m) + ", sequence: 128"));
        BreakdownSink sink(equal.program);
        const RunResult result = play(equal.program, chip, "ideal", &sink);
        const std::int64_t chunks = schedule == "zb_v" || schedule == "dualpipe_v" ? 2 : 1;
        const std::int64_t passes = 3 * m * chunks + bubble;
        // Messages of a byte each: some picoseconds on the way of a microbatch.
        const std::int64_t slack = 100 * (p + m);
        CHECK(result.step.ps() >= passes * equal.pass.ps());
        CHECK(result.step.ps() <= passes * equal.pass.ps() + slack);
        const Breakdown breakdown = sink.finish(Time() + result.step);
        CHECK(breakdown.compute == static_cast<Int128>(3 * m * chunks) * equal.pass.ps() * p);
        CHECK(breakdown.bubble + breakdown.communication() <=
              static_cast<Int128>(bubble * equal.pass.ps() + slack) * p);
        CHECK(breakdown.total() == static_cast<Int128>(result.step.ps()) * p);
      }
    }
  }
}

TEST_CASE("the two halves of a backward pass are the whole: FLOPs, kernels, HBM bytes") {
  for (const std::string& more :
       {std::string("tensor: 1"), std::string("tensor: 2, sequence_parallel: true"),
        std::string("tensor: 2, recompute: full"), std::string("data: 2, zero: 1"), std::string("context: 2")}) {
    CAPTURE(more);
    const DecoderModel model = test::small_gpt(16);
    const Stack stack = test::stack_named(more.starts_with("context") ? "megatron_core" : "megatron_lm");
    const Chip chip = test::chip_named("a100_sxm_80gb");
    const auto sums = [&](const std::string& schedule) {
      const Plan plan = plan_of(model, with_schedule(schedule, more + ", pipeline: 4, batch: 16, sequence: 128"));
      const Program program = training_step(model, plan, stack, chip);
      std::int64_t bytes = 0;
      std::int64_t kernels = 0;
      for (const std::uint32_t role : program.role_of_rank)
        for (const Op& op : program.roles[role].ops)
          if (op.kind == OpKind::kCompute && op.microbatch >= 0) {
            bytes += program.segments[SegmentId(op.body)].hbm.count();
            kernels += program.segments[SegmentId(op.body)].kernel_count;
          }
      const StepFlops flops = step_flops(program);
      return std::tuple(flops.model.count(), flops.hardware.count(), bytes, kernels);
    };
    const auto [model_flops, hardware_flops, bytes, kernels] = sums("1f1b");
    for (const std::string& schedule : kAll) {
      CAPTURE(schedule);
      const auto [m, h, b, k] = sums(schedule);
      CHECK(m == doctest::Approx(model_flops).epsilon(1e-12));
      CHECK(h == doctest::Approx(hardware_flops).epsilon(1e-12));
      CHECK(b == bytes);
      CHECK(k == kernels);
    }
  }
}

TEST_CASE("a mixture of experts splits its backward passes too") {
  const DecoderModel model = test::model_named("mixtral_8x7b");
  const auto flops = [&](const std::string& schedule) {
    const Plan plan =
        plan_of(model, with_schedule(schedule, "pipeline: 4, data: 8, expert: 4, batch: 64, sequence: 512, zero: 1"));
    const Program program =
        training_step(model, plan, test::stack_named("megatron_core"), test::chip_named("h100_sxm"));
    std::map<std::string, std::int64_t> bytes;
    for (const Op& op : program.roles[1].ops)
      if (op.kind == OpKind::kCollective) {
        const CollectiveOp& collective = program.collectives[op.body];
        bytes[program.groups[collective.group.index()].name] += collective.bytes.count();
      }
    return std::tuple(step_flops(program).model.count(), bytes.at("expert"), bytes.at("expert data"));
  };
  const auto [whole, dispatched, reduced] = flops("1f1b");
  for (const char* schedule : {"zb_h1", "zb_v"}) {
    CAPTURE(schedule);
    const auto [split, sent, summed] = flops(schedule);
    CHECK(split == doctest::Approx(whole).epsilon(1e-12));
    CHECK(sent == dispatched);
    CHECK(summed == reduced);
  }
}

TEST_CASE("messages between stages: one each way a boundary, twice as many boundaries in a V") {
  const DecoderModel model = test::small_gpt(16);
  for (const std::string& schedule : kAll) {
    CAPTURE(schedule);
    const Plan plan = plan_of(model, with_schedule(schedule, "pipeline: 4, batch: 16, sequence: 128"));
    const Program program =
        training_step(model, plan, test::stack_named("megatron_lm"), test::chip_named("a100_sxm_80gb"));
    std::size_t sends = 0;
    std::size_t receives = 0;
    for (const Role& role : program.roles)
      for (const Op& op : role.ops) {
        sends += op.kind == OpKind::kSend ? 1U : 0U;
        receives += op.kind == OpKind::kRecv ? 1U : 0U;
      }
    const bool vee = PipelineSchedules::find(schedule)->way == Way::kVee;
    CHECK(sends == 16U * 2 * (vee ? 6 : 3));
    CHECK(receives == sends);
  }
}

TEST_CASE("every schedule finishes on a shared fabric, gradients reduced or not, messages on any stack") {
  const DecoderModel model = test::small_gpt(24);
  const Chip chip = test::chip_named("a100_sxm_80gb");
  for (const char* stack : {"megatron_lm", "megatron_core"}) {
    for (const std::string& schedule : kAll) {
      for (const std::string& more :
           {std::string("pipeline: 2"), std::string("pipeline: 4"), std::string("pipeline: 6"),
            std::string("tensor: 2, pipeline: 2, data: 2, sequence_parallel: true, zero: 1"),
            std::string("pipeline: 4, data: 2, overlap_gradients: false"),
            std::string("pipeline: 2, data: 2, zero: 1, overlap_weights: true")}) {
        CAPTURE(stack);
        CAPTURE(schedule);
        CAPTURE(more);
        const Plan plan = plan_of(model, with_schedule(schedule, more + ", batch: 48, sequence: 128"));
        const Program program = training_step(model, plan, test::stack_named(stack), chip);
        std::uint64_t ops = 0;
        for (const std::uint32_t role : program.role_of_rank) ops += program.roles[role].ops.size();
        CHECK(play(program, chip, "fluid").ops == ops);
      }
    }
  }
}

TEST_CASE("weights' gradients are reduced in W passes, as many bytes as without them") {
  const DecoderModel model = test::small_gpt(16);
  const auto reduced = [&](const std::string& schedule) {
    const Plan plan = plan_of(model, with_schedule(schedule, "pipeline: 4, data: 2, batch: 16, sequence: 128"));
    const Program program =
        training_step(model, plan, test::stack_named("megatron_core"), test::chip_named("a100_sxm_80gb"));
    std::map<std::string, std::int64_t> bytes;
    for (const std::uint32_t role : program.role_of_rank)
      for (const Op& op : program.roles[role].ops)
        if (op.kind == OpKind::kCollective) {
          const CollectiveOp& collective = program.collectives[op.body];
          bytes[program.groups[collective.group.index()].name] += collective.bytes.count();
        }
    return bytes;
  };
  const auto plain = reduced("1f1b");
  CHECK(reduced("zb_h1").at("data") == plain.at("data"));
  // Where both ends of the model stand on one stage, each of its two replicas holds their table of 2,048 words once.
  const std::int64_t once = plain.at("data") - 2 * 2048 * 256 * 4;
  CHECK(reduced("zb_v").at("data") == once);
  CHECK(reduced("dualpipe").at("data") == 2 * once);    // two copies of the weights
  CHECK(reduced("dualpipe").at("mirror") == 2 * once);  // whose gradients are summed
  CHECK(reduced("zb_2p").count("model") == 0);          // no stage waits for the norm of all gradients
  CHECK(reduced("zb_h1").at("model") == plain.at("model"));
}

namespace {

Bytes category(const MemoryUse& use, std::string_view name) {
  for (const MemoryUse::Category& one : use.categories)
    if (one.name == name) return one.bytes;
  return {};
}

}  // namespace

TEST_CASE("memory of middle stages: what forward passes keep, and what W still reads") {
  // Qi et al., table 1: M_B = s·b·h·(34 + 5as/h) a layer with one tensor rank, M_W = 32·s·b·h.
  const DecoderModel model = test::small_gpt(16);
  const Stack stack = test::stack_named("megatron_lm");
  const Chip chip = test::chip_named("a100_sxm_80gb");
  const std::int64_t sbh = 128 * 256;
  const std::int64_t m_b = sbh * 34 + 5 * 8 * 128 * 128;
  const std::int64_t m_w = sbh * 32;
  const auto activations = [&](const std::string& schedule, std::uint32_t stage) {
    const Plan plan = plan_of(model, with_schedule(schedule, "pipeline: 4, batch: 32, sequence: 128"));
    return category(stage_memory(model, plan, stack, chip, stage), "activations").count();
  };
  // Four stages of four layers: stage 1 keeps three microbatches before B and one before W, stage 2 two and two.
  CHECK(activations("1f1b", 1) == 4 * 3 * m_b);
  CHECK(activations("zb_h1", 1) == 4 * (3 * m_b + m_w));
  CHECK(activations("zb_h1", 2) == 4 * (2 * m_b + 2 * m_w));
  CHECK(activations("zb_2p", 1) == 4 * (5 * m_b + 2 * m_w));
  CHECK(activations("zb_2p", 2) == 4 * (3 * m_b + 4 * m_w));
  const std::int64_t vee = activations("zb_v", 1);  // 2p chunks of two layers at most
  CHECK(vee <= 2 * 8 * m_b);
  CHECK(vee > 2 * 8 * m_w * 9 / 10);
  CHECK(activations("dualpipe", 1) == 4 * 5 * m_b);  // p + 1
}

TEST_CASE("two copies of the weights take twice the memory") {
  const DecoderModel model = test::small_gpt(16);
  const auto states = [&](const char* schedule, const char* name) {
    const Plan plan = plan_of(model, with_schedule(schedule, "pipeline: 4, batch: 32, sequence: 128"));
    return category(stage_memory(model, plan, test::stack_named("megatron_lm"), test::chip_named("a100_sxm_80gb"), 1),
                    name);
  };
  for (const char* name : {"weights", "gradients", "optimizer"}) {
    CHECK(states("dualpipe", name) == states("1f1b", name) * 2);
    CHECK(states("zb_v", name) == states("1f1b", name));
    CHECK(states("dualpipe_v", name) == states("1f1b", name));
  }
}

TEST_CASE("what a schedule demands is said where it is asked for") {
  const DecoderModel model = test::small_gpt(12);
  const auto fault = [&](const std::string& plan) { return test::input_error([&] { return plan_of(model, plan); }); };
  CHECK(fault("{pipeline: 4, batch: 6, schedule: dualpipe}") ==
        "plan.yaml:1:35: error: the schedule 'dualpipe' needs at least 8 microbatches for 4 stages, an even number; "
        "there are 6\n"
        "  1 | {pipeline: 4, batch: 6, schedule: dualpipe}\n"
        "    |                                   ^~~~~~~~\n"
        "  note: microbatches = batch 6 ÷ (data 1 × microbatch 1)");
  CHECK(fault("{pipeline: 3, batch: 12, schedule: dualpipe}").find("needs stages in multiples of 2; there are 3") !=
        std::string::npos);
  CHECK(fault("{pipeline: 4, batch: 9, schedule: dualpipe}").find("an even number; there are 9") != std::string::npos);
  CHECK(fault("{pipeline: 4, batch: 8, schedule: zb_v}").find("3 layers of a stage can't be split evenly over 2") !=
        std::string::npos);
  CHECK(fault("{pipeline: 2, batch: 8, schedule: zb_v, interleave: 2}").find("always runs two model chunks a stage") !=
        std::string::npos);
  CHECK(fault("{pipeline: 2, data: 2, zero: 3, batch: 8, schedule: zb_h1}").find("zero could be 0 or 1") !=
        std::string::npos);
  CHECK(fault("{pipeline: 2, batch: 2, schedule: zb_v, sequence: 128}")
            .empty());  // fewer than fill it: it just has a bubble then
}
