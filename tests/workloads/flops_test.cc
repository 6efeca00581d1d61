// FLOPs of a step, counted op by op over all ranks, are those of the published closed forms.
#include "tests/workloads/fixture.h"

using namespace orrery;
using test::model_named;
using test::plan_of;

namespace {

struct Expected {
  double model;
  double hardware;
};

StepFlops flops(const DecoderModel& model, const Plan& plan, const Stack& stack) {
  return step_flops(training_step(model, plan, stack, test::chip_named("a100_sxm_80gb")));
}
StepFlops flops(std::string_view model, const std::string& plan, std::string_view stack = "megatron_lm") {
  const DecoderModel read = model_named(model);
  return flops(read, plan_of(read, plan), test::stack_named(stack));
}

// Narayanan et al. 2021, section 5.1, without recomputation: 72·B·s·l·h²·(1 + s/(6h) + V/(12·l·h)).
double megatron_model_flops(const DecoderModel& m, double batch, double s) {
  const auto h = static_cast<double>(m.hidden);
  const auto l = static_cast<double>(m.layers);
  const auto v = static_cast<double>(m.vocab);
  return 72 * batch * s * l * h * h * (1 + s / (6 * h) + v / (12 * l * h));
}
// The same paper's 96·B·s·l·h²·(1 + s/(6h) + V/(16·l·h)): layers run forward twice.
double megatron_full_recompute_flops(const DecoderModel& m, double batch, double s) {
  const auto h = static_cast<double>(m.hidden);
  const auto l = static_cast<double>(m.layers);
  const auto v = static_cast<double>(m.vocab);
  return 96 * batch * s * l * h * h * (1 + s / (6 * h) + v / (16 * l * h));
}

constexpr double kExact = 1e-12;

}  // namespace

TEST_CASE("GPTs: the formula of Megatron-LM, whatever the plan") {
  const struct {
    const char* model;
    const char* plan;
    double batch;
  } rows[] = {
      {"megatron_1.7b", "{data: 4, batch: 32, microbatch: 2}", 32},
      {"megatron_22b", "{tensor: 8, batch: 4, microbatch: 4}", 4},
      {"megatron_22b", "{tensor: 8, batch: 4, microbatch: 4, sequence_parallel: true}", 4},
      {"megatron_175b", "{tensor: 8, pipeline: 8, batch: 16, schedule: interleaved, interleave: 3}", 16},
      {"megatron_175b", "{tensor: 4, pipeline: 4, data: 2, batch: 16, schedule: gpipe, zero: 1}", 16},
      {"megatron_1t", "{tensor: 8, pipeline: 64, batch: 128}", 128},
  };
  for (const auto& row : rows) {
    CAPTURE(row.model);
    CAPTURE(row.plan);
    const StepFlops own = flops(row.model, row.plan);
    const double expected = megatron_model_flops(model_named(row.model), row.batch, 2048);
    CHECK(own.model.count() == doctest::Approx(expected).epsilon(kExact));
    CHECK(own.hardware.count() == doctest::Approx(expected).epsilon(kExact));
  }
}

TEST_CASE("a vocabulary that must be padded counts without its padding") {
  const StepFlops own = flops("gpt3_175b", "{tensor: 8, pipeline: 8, batch: 8}");
  CHECK(own.model.count() == doctest::Approx(megatron_model_flops(model_named("gpt3_175b"), 8, 2048)).epsilon(kExact));
}

TEST_CASE("full recomputation runs the layers, not the logits, forward once more") {
  for (const char* plan : {"{tensor: 8, pipeline: 8, batch: 16, recompute: full}",
                           "{tensor: 8, pipeline: 8, batch: 16, recompute: full, sequence_parallel: true}"}) {
    const StepFlops own = flops("megatron_175b", plan);
    const DecoderModel model = model_named("megatron_175b");
    CHECK(own.model.count() == doctest::Approx(megatron_model_flops(model, 16, 2048)).epsilon(kExact));
    CHECK(own.hardware.count() == doctest::Approx(megatron_full_recompute_flops(model, 16, 2048)).epsilon(kExact));
  }
}

TEST_CASE("selective recomputation runs the attention core forward once more") {
  const StepFlops own = flops("megatron_175b", "{tensor: 8, pipeline: 8, batch: 16, recompute: selective}");
  const DecoderModel model = model_named("megatron_175b");
  // Scores and context of a layer: two products of s × s × h a sequence.
  const double core = 16.0 * 96 * 2 * 2 * 2048.0 * 2048.0 * 12288.0;
  CHECK(own.model.count() == doctest::Approx(megatron_model_flops(model, 16, 2048)).epsilon(kExact));
  CHECK(own.hardware.count() - own.model.count() == doctest::Approx(core).epsilon(1e-9));
}

TEST_CASE("Llama: grouped queries and gated MLPs, weight by weight") {
  const DecoderModel model = model_named("llama3_70b");
  const double tokens = 16.0 * 8192;
  const double h = 8192;
  // Products a token: queries and output h², keys and values h·1024, three h·28672 in the MLP; logits once.
  const double weights = 80 * (2 * h * h + 2 * h * 1024 + 3 * h * 28672) + h * 128256;
  const double core = 80 * 2 * 8192.0 * h;  // multiply-adds of a token over the full square
  const double expected = 3 * 2 * tokens * (weights + core);
  const StepFlops plain =
      flops("llama3_70b", "{tensor: 8, pipeline: 4, data: 2, batch: 16, sequence: 8192, sequence_parallel: true}");
  CHECK(plain.model.count() == doctest::Approx(expected).epsilon(kExact));

  // With flash attention the model's count is the same; the hardware's has five products backward for four, of the
  // lower triangle only.
  const StepFlops flash =
      flops("llama3_70b", "{tensor: 8, pipeline: 4, data: 2, batch: 16, sequence: 8192, sequence_parallel: true}",
            "megatron_core");
  CHECK(flash.model.count() == doctest::Approx(expected).epsilon(kExact));
  const double executed = 2 * tokens * (3 * weights + 3.5 * core * (8192.0 + 1) / (2 * 8192.0));
  CHECK(flash.hardware.count() == doctest::Approx(executed).epsilon(kExact));
  CHECK(model.parameters() == 70'553'706'496);
}

TEST_CASE("matrix engine seconds are hardware FLOPs over the peak, padding left out") {
  const DecoderModel model = model_named("megatron_22b");
  const Program program = training_step(model, plan_of(model, "{tensor: 8, batch: 4, microbatch: 4, recompute: full}"),
                                        test::stack_named("megatron_lm"), test::chip_named("a100_sxm_80gb"));
  for (const Segment& segment : program.segments) {
    CHECK(segment.matrix_seconds == doctest::Approx(segment.hardware_flops.count() / 312e12).epsilon(1e-9));
    CHECK(segment.duration.in_seconds() > segment.matrix_seconds);
    CHECK(segment.model_flops <= segment.hardware_flops);
  }
}
