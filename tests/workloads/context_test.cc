// A sequence shared out over ranks: bytes exchanged, work done and memory kept are those of closed forms.
#include <algorithm>
#include <map>

#include "tests/workloads/fixture.h"

using namespace orrery;
using test::model_named;
using test::plan_of;

namespace {

using enum CollectiveKind;

// Llama 3 8B: 32 layers, 32 heads of 128, 8 of keys and values, no biases.
constexpr std::int64_t kLayers = 32;
constexpr std::int64_t kSequence = 8192;
constexpr std::int64_t kKeyValueWidth = 2 * 8 * 128;

Program step_of(const std::string& plan, std::string_view name = "llama3_8b") {
  const DecoderModel model = model_named(name);
  return training_step(model, plan_of(model, plan), test::stack_named("megatron_core"), test::chip_named("h100_sxm"));
}

std::string plan_text(const std::string& more) { return "{sequence: 8192, batch: 4, " + more + "}"; }

// Of a role: bytes sent along a dimension by phase, and bytes of collectives on a group.
std::int64_t sent(const Program& program, std::string_view dimension, Phase phase) {
  std::int64_t sum = 0;
  for (const Op& op : program.roles[0].ops) {
    if (op.kind != OpKind::kSend || op.phase != phase) continue;
    const MessageOp& message = program.messages[op.body];
    if (program.grid.dimensions[message.dimension].name == dimension) sum += message.bytes.count();
  }
  return sum;
}

std::int64_t collective(const Program& program, std::string_view group, CollectiveKind kind, Phase phase) {
  std::int64_t sum = 0;
  for (const Op& op : program.roles[0].ops) {
    if (op.kind != OpKind::kCollective || op.phase != phase) continue;
    const CollectiveOp& body = program.collectives[op.body];
    if (body.kind == kind && program.groups[body.group.index()].name == group) sum += body.bytes.count();
  }
  return sum;
}

std::int64_t activations(const std::string& plan) {
  const DecoderModel model = model_named("llama3_8b");
  const MemoryUse use =
      memory_use(model, plan_of(model, plan), test::stack_named("megatron_core"), test::chip_named("h100_sxm"));
  return std::find_if(use.categories.begin(), use.categories.end(),
                      [](const auto& category) { return category.name == "activations"; })
      ->bytes.count();
}

}  // namespace

TEST_CASE("ring: keys and values go around once forward, and with their gradients once backward") {
  for (const std::int64_t c : {2, 4, 8}) {
    CAPTURE(c);
    const Program program = step_of(plan_text("context: " + std::to_string(c)));
    CHECK_NOTHROW(validate(program));
    const std::int64_t own = 2 * kSequence / c * kKeyValueWidth;  // bytes of a rank's keys and values, bf16
    CHECK(sent(program, "context", Phase::kForward) == 4 * kLayers * (c - 1) * own);
    CHECK(sent(program, "context", Phase::kBackward) == 4 * kLayers * 2 * (c - 1) * own);
  }
  // Over the tensor group each rank has its share of the heads; sequence parallelism changes nothing about it.
  const Program split = step_of(plan_text("context: 2, tensor: 4, sequence_parallel: true"));
  CHECK(sent(split, "context", Phase::kForward) == 4 * kLayers * 2 * kSequence / 2 * kKeyValueWidth / 4);
}

TEST_CASE("gathered keys and values: all of them three times, once as gradients") {
  const Program program = step_of(plan_text("context: 4, context_exchange: all_gather"));
  CHECK_NOTHROW(validate(program));
  const std::int64_t all = 2 * kSequence * kKeyValueWidth;
  CHECK(collective(program, "context", kAllGather, Phase::kForward) == 4 * kLayers * all);
  CHECK(collective(program, "context", kAllGather, Phase::kBackward) == 4 * kLayers * all);
  CHECK(collective(program, "context", kReduceScatter, Phase::kBackward) == 4 * kLayers * all);
  CHECK(program.messages.empty());
}

TEST_CASE("exchanged heads: queries, keys, values and outputs each way") {
  const Program program = step_of(plan_text("context: 4, context_exchange: all_to_all"));
  CHECK_NOTHROW(validate(program));
  const std::int64_t own = 2 * kSequence / 4 * (2 * 4096 + kKeyValueWidth);
  CHECK(collective(program, "context", kAllToAll, Phase::kForward) == 4 * kLayers * own);
  CHECK(collective(program, "context", kAllToAll, Phase::kBackward) == 4 * kLayers * own);
}

TEST_CASE("shared out or not, a step needs and executes as many FLOPs") {
  for (const char* recompute : {"none", "selective", "full"}) {
    const std::string common = std::string("recompute: ") + recompute;
    const StepFlops whole = step_flops(step_of(plan_text(common)));
    for (const char* way : {"ring", "all_gather", "all_to_all"}) {
      for (const std::int64_t c : {2, 8}) {
        CAPTURE(way);
        CAPTURE(c);
        const StepFlops shared =
            step_flops(step_of(plan_text(common + ", context: " + std::to_string(c) + ", context_exchange: " + way)));
        CHECK(shared.model.count() == doctest::Approx(whole.model.count()).epsilon(1e-12));
        CHECK(shared.hardware.count() == doctest::Approx(whole.hardware.count()).epsilon(1e-12));
      }
    }
  }
}

TEST_CASE("replicas for gradients and the optimizer's state are data × context") {
  const DecoderModel model = model_named("llama3_8b");
  for (const char* way : {"overlap_gradients: true", "overlap_gradients: false"}) {
    CAPTURE(way);
    const Program program = step_of(plan_text(std::string("data: 2, context: 4, zero: 1, ") + way));
    CHECK(program.members(program.collectives[0].group, RankId(0)).size() >= 2);
    std::int64_t scattered = 0;
    for (const Op& op : program.roles[0].ops) {
      if (op.kind != OpKind::kCollective) continue;
      const CollectiveOp& body = program.collectives[op.body];
      if (program.groups[body.group.index()].name != "data") continue;
      CHECK(program.members(body.group, RankId(0)).size() == 8);
      if (body.kind == kReduceScatter) scattered += body.bytes.count();
    }
    CHECK(scattered == 4 * model.parameters());
  }
  const Plan plan = plan_of(model, plan_text("data: 2, context: 4, zero: 1"));
  CHECK(plan.chips() == 8);
  CHECK(plan.microbatches() == 2);
  const MemoryUse use = memory_use(model, plan, test::stack_named("megatron_core"), test::chip_named("h100_sxm"));
  CHECK(use.categories[2].bytes.count() == 12 * ((model.parameters() + 7) / 8));
}

TEST_CASE("activations shrink by the number of context ranks") {
  const std::int64_t whole = activations("{sequence: 8192, batch: 4}");
  for (const std::int64_t c : {2, 4, 8})
    CHECK(activations("{sequence: 8192, batch: 4, context: " + std::to_string(c) + "}") == whole / c);
}

TEST_CASE("in the grid context stands beside tensor, or where the order says") {
  CHECK(plan_of(model_named("llama3_8b"), "{batch: 1, context: 2}").order ==
        std::vector<std::string>{"tensor", "context", "data", "pipeline"});
  const Program program = step_of(plan_text("context: 2, tensor: 2, order: [context, tensor, data, pipeline]"));
  CHECK(program.grid.dimensions[0].name == "context");
  CHECK(program.grid.dimensions[0].size == 2);
  CHECK(program.grid.dimensions[1].name == "tensor");
}

TEST_CASE("plans that can't share out sequences say what would be right") {
  const auto error = [](const std::string& plan) {
    return test::input_error([&] { return plan_of(model_named("llama3_8b"), plan); });
  };
  CHECK(error("{batch: 1, sequence: 1000, context: 3}") ==
        "plan.yaml:1:37: error: 1000 tokens can't be split evenly into 6 parts, an early and a late one for each of 3 "
        "context ranks\n"
        "  1 | {batch: 1, sequence: 1000, context: 3}\n"
        "    |                                     ^\n"
        "  note: sequence could be 1002");
  CHECK(error("{batch: 1, tensor: 4, context: 4, context_exchange: all_to_all}")
            .find("2 key-value heads of a tensor rank can't be split evenly over 4") != std::string::npos);
  CHECK(error("{batch: 1, tensor: 4, context: 4, context_exchange: ring}").empty());
  CHECK(error("{batch: 1, sequence: 24, tensor: 8, context: 2, sequence_parallel: true}")
            .find("can't split the 12 tokens of a context rank evenly over 8 tensor ranks") != std::string::npos);
  CHECK(error("{batch: 1, context: 2, context_exchange: rings}").find("did you mean 'ring'?") != std::string::npos);
  CHECK(error("{batch: 1, context: 2, order: [tensor, data, pipeline]}").find("'context' is missing") !=
        std::string::npos);
}

TEST_CASE("attention whose scores are kept in memory needs whole sequences") {
  const DecoderModel model = test::small_gpt();
  const Plan plan = plan_of(model, "{batch: 1, sequence: 128, context: 2}");
  const Stack stack = test::stack_named("megatron_lm");
  CHECK(stack_fault(stack, plan) ==
        "the stack Megatron-LM keeps all scores of a sequence in memory; only flash attention lets 2 context ranks "
        "share it out");
  CHECK_THROWS_AS(static_cast<void>(training_step(model, plan, stack, test::chip_named("a100_sxm_80gb"))), RunError);
}
