// Steps run on the engine from end to end: every schedule finishes, and in the time that its dependencies demand.
#include <algorithm>
#include <map>
#include <set>

#include "sim/kernel/engine.h"
#include "tests/workloads/fixture.h"
#include "workloads/schedules/schedule.h"

using namespace orrery;
using test::plan_of;

namespace {

class Collector : public SpanSink {
 public:
  void span(const Span& span) override { spans.push_back(span); }
  std::vector<Span> spans;
};

struct Outcome {
  Program program;
  RunResult result;
  std::vector<Span> spans;
};

Outcome run_step(const DecoderModel& model, const std::string& text, const Stack& stack, std::string_view network) {
  const Plan plan = plan_of(model, text);
  const Chip chip = test::chip_named("a100_sxm_80gb");
  Outcome outcome{training_step(model, plan, stack, chip), {}, {}};
  const Fabric fabric = test::star(chip, static_cast<std::size_t>(plan.chips()));
  Placement placement;
  for (std::size_t r = 0; r < outcome.program.role_of_rank.size(); ++r) placement.add(ChipId(r));
  Collector collector;
  RunOptions options;
  options.network = network;
  options.costs = stack.communication;
  options.sinks = {&collector};
  outcome.result = run({&fabric, &outcome.program, &placement}, options);
  outcome.spans = std::move(collector.spans);
  return outcome;
}

std::uint64_t ops_of(const Program& program) {
  std::uint64_t ops = 0;
  for (const std::uint32_t role : program.role_of_rank) ops += program.roles[role].ops.size();
  return ops;
}

}  // namespace

TEST_CASE("every schedule finishes for every number of stages and microbatches, however messages travel") {
  const DecoderModel model = test::small_gpt(24);
  for (const char* stack_name : {"megatron_lm", "megatron_core"}) {
    for (const int p : {1, 2, 3, 4, 8}) {
      for (const int m : {1, 2, 3, 7, 8, 24}) {
        for (const char* schedule : {"gpipe", "1f1b", "interleaved"}) {
          for (const int v : {1, 3}) {
            const bool interleaves = schedule[0] == 'i';
            if (v > 1 && !interleaves) continue;
            if (interleaves && (m % p != 0 || model.layers % (p * v) != 0)) continue;
            const std::string plan = "{pipeline: " + std::to_string(p) + ", batch: " + std::to_string(m) +
                                     ", sequence: 128, schedule: " + schedule + ", interleave: " + std::to_string(v) +
                                     "}";
            CAPTURE(plan);
            CAPTURE(stack_name);
            const Outcome outcome = run_step(model, plan, test::stack_named(stack_name), "ideal");
            CHECK(outcome.result.ops == ops_of(outcome.program));
          }
        }
      }
    }
  }
}

TEST_CASE("all dimensions at once finish on a shared fabric") {
  for (const char* more : {"", ", sequence_parallel: true, recompute: selective, zero: 1",
                           ", recompute: full, overlap_gradients: false", ", order: [pipeline, data, tensor]"}) {
    for (const char* stack : {"megatron_lm", "megatron_core"}) {
      CAPTURE(more);
      CAPTURE(stack);
      const std::string plan = std::string(
                                   "{tensor: 2, pipeline: 2, data: 2, batch: 16, sequence: 128, schedule: interleaved, "
                                   "interleave: 2") +
                               more + "}";
      const Outcome outcome = run_step(test::small_gpt(8), plan, test::stack_named(stack), "fluid");
      CHECK(outcome.result.ops == ops_of(outcome.program));
    }
  }
}

TEST_CASE("no pass begins before the other stage has what it sends") {
  // Read off the spans: the first compute of a pass after the end of the neighbour's last compute of the same
  // microbatch, forward down the stages and backward up.
  for (const char* stack : {"megatron_lm", "megatron_core"}) {
    const Outcome outcome =
        run_step(test::small_gpt(8), "{pipeline: 4, batch: 8, sequence: 128}", test::stack_named(stack), "fluid");
    // (stage, microbatch, backward) → first begin and last end
    std::map<std::tuple<int, int, bool>, std::pair<Time, Time>> passes;
    for (const Span& span : outcome.spans) {
      const Op& op = outcome.program.roles[span.rank.index()].ops[span.op];
      if (op.kind != OpKind::kCompute || op.microbatch < 0) continue;
      const std::tuple key(static_cast<int>(span.rank.index()), op.microbatch, op.phase == Phase::kBackward);
      const auto [at, is_new] = passes.emplace(key, std::pair(span.begin, span.end));
      if (is_new) continue;
      at->second.first = std::min(at->second.first, span.begin);
      at->second.second = std::max(at->second.second, span.end);
    }
    CHECK(passes.size() == 4 * 8 * 2);
    for (int m = 0; m < 8; ++m) {
      for (int stage = 0; stage < 3; ++stage) {
        CHECK(passes.at({stage + 1, m, false}).first > passes.at({stage, m, false}).second);
        CHECK(passes.at({stage, m, true}).first > passes.at({stage + 1, m, true}).second);
      }
      CHECK(passes.at({3, m, true}).first >= passes.at({3, m, false}).second);
    }
  }
}

namespace {

// A stack whose messages and host cost nothing, so that a pipeline's time is that of its passes.
Stack weightless(bool overlap) {
  Stack stack = test::stack_named("megatron_lm");
  stack.host_per_kernel = stack.host_per_message = Duration();
  stack.overlap_messages = overlap;
  stack.communication = CommunicationCosts{};
  return stack;
}

// The middle of a model without ends: all stages alike but for tables, whose kernels are few beside the layers.
Duration layers_only(const Program& program, const Role& role) {
  Duration sum;
  for (const Op& op : role.ops)
    if (op.kind == OpKind::kCompute) sum += program.segments[SegmentId(op.body)].duration;
  return sum;
}

}  // namespace

TEST_CASE("the bubble of a real step is (p − 1)/m of its passes, and interleaving divides it") {
  // Stages alike but for the model's ends; messages next to free. The step then is (m + p − 1) passes of the busiest
  // stage and a little more, between bounds that need no formula of the code's own: at least that stage's own work, and
  // at most its work plus p − 1 passes of the slowest stage and the messages.
  DecoderModel model = test::small_gpt(48);
  model.vocab = 128;
  for (const bool overlap : {false, true}) {
    CAPTURE(overlap);
    const auto step = [&](const char* schedule) {
      const std::string plan = std::string("{pipeline: 4, batch: 16, sequence: 128, ") + schedule + "}";
      return run_step(model, plan, weightless(overlap), "ideal");
    };
    const auto relative_bubble = [](const Outcome& outcome) {
      const double work = layers_only(outcome.program, outcome.program.roles[1]).in_seconds();
      return outcome.result.step.in_seconds() / work - 1;
    };
    const double ideal = 3.0 / 16;
    const double plain = relative_bubble(step("schedule: 1f1b"));
    CHECK(plain > ideal * 0.9);
    CHECK(plain < ideal * 1.35);
    const double gpipe = relative_bubble(step("schedule: gpipe"));
    CHECK(gpipe > ideal * 0.9);
    CHECK(gpipe < ideal * 1.35);
    const double interleaved = relative_bubble(step("schedule: interleaved, interleave: 4"));
    CHECK(interleaved > ideal / 4 * 0.8);
    CHECK(interleaved < plain * 0.6);
  }
}

TEST_CASE("data replicas that share nothing but gradients don't change a step without them") {
  const DecoderModel model = test::small_gpt(4);
  const Stack stack = weightless(false);
  const Duration alone = run_step(model, "{batch: 4, sequence: 128}", stack, "fluid").result.step;
  const Duration together =
      run_step(model, "{data: 4, batch: 16, sequence: 128, overlap_gradients: false}", stack, "fluid").result.step;
  // The all-reduce of 4 bytes a weight over links of 1 TB/s: 2·3/4 of them, once, and the division before it.
  const double bytes = 4.0 * static_cast<double>(model.parameters());
  const double wire = 1.5 * bytes / 1e12;
  CHECK((together - alone).in_seconds() > wire);
  CHECK((together - alone).in_seconds() < wire * 1.2 + 2.5 * bytes / 1e12);
}
