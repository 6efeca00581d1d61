// Documents packed into sequences: attention keeps to each of them, and nothing else changes.
#include "tests/workloads/fixture.h"

using namespace orrery;
using test::chip_named;
using test::model_named;
using test::plan_of;
using test::stack_named;

namespace {

StepFlops flops(const std::string& plan) {
  const DecoderModel model = model_named("llama3_8b");
  return step_flops(training_step(model, plan_of(model, plan), stack_named("megatron_core"), chip_named("h100_sxm")));
}

}  // namespace

TEST_CASE("n documents in a sequence are n sequences of a n-th of it") {
  const StepFlops packed = flops("{batch: 1, sequence: 8192, documents: 8}");
  const StepFlops apart = flops("{batch: 8, microbatch: 8, sequence: 1024}");
  CHECK(packed.model.count() == doctest::Approx(apart.model.count()).epsilon(1e-12));
  CHECK(packed.hardware.count() == doctest::Approx(apart.hardware.count()).epsilon(1e-12));
  CHECK(packed.hardware.count() < flops("{batch: 1, sequence: 8192}").hardware.count());
}

TEST_CASE("the model's FLOPs fall by attention between documents") {
  // 4·s·width a token and layer forward, twice that backward, of which an eighth is left.
  const double between = 12.0 * 8192 * 8192 * 4096 * 32 * (1 - 1.0 / 8);
  CHECK(flops("{batch: 1, sequence: 8192}").model.count() -
            flops("{batch: 1, sequence: 8192, documents: 8}").model.count() ==
        doctest::Approx(between).epsilon(1e-9));
}

TEST_CASE("packed sequences keep as much as others") {
  const DecoderModel model = model_named("llama3_8b");
  const auto kept = [&](const std::string& plan) {
    return layer_activations(model, plan_of(model, plan), stack_named("megatron_core"));
  };
  CHECK(kept("{batch: 1, sequence: 8192, documents: 8}") == kept("{batch: 1, sequence: 8192}"));
}

TEST_CASE("documents that don't divide, or that nothing could keep apart, are refused") {
  const DecoderModel model = model_named("llama3_8b");
  const auto error = [&](const DecoderModel& of, const std::string& plan) {
    return test::input_error([&] { return plan_of(of, plan); });
  };
  CHECK(error(model, "{batch: 1, sequence: 8192, documents: 7}").find("documents") != std::string::npos);
  CHECK(error(model, "{batch: 1, context: 2, sequence: 8192, documents: 8}").find("context could be 1") !=
        std::string::npos);
  CHECK(error(model_named("vit_h_14"), "{batch: 1, documents: 2}").find("documents could be 1") != std::string::npos);
  const Plan plan = plan_of(model, "{batch: 1, sequence: 8192, documents: 8}");
  CHECK(stack_fault(stack_named("megatron_lm"), plan).has_value());
}
