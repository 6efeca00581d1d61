// Stacks of the library are read, and a broken one is refused where it is broken.
#include "workloads/stack.h"

#include <fstream>
#include <sstream>

#include "tests/workloads/fixture.h"

using namespace orrery;

TEST_CASE("every stack of the library is read") {
  const std::vector<std::string> names = test::library().names("workloads/stacks");
  CHECK(names.size() >= 2);
  for (const std::string& name : names) {
    CAPTURE(name);
    const Stack stack = test::stack_named(name);
    CHECK_FALSE(stack.name.empty());
    CHECK_FALSE(stack.source.empty());
  }
  const Stack old = test::stack_named("megatron_lm");
  CHECK(old.attention == Attention::kMaterialized);
  CHECK(old.compute == Precision::kFp16);
  CHECK(old.gradient == Precision::kFp32);
  CHECK_FALSE(old.overlap_messages);
  CHECK(test::stack_named("megatron_core").attention == Attention::kFlash);
}

namespace {

std::string stack_error(const std::string& changed) {
  std::ifstream file(std::string(ORRERY_SOURCE_DIR) + "/workloads/stacks/megatron_lm.yaml");
  std::stringstream text;
  text << file.rdbuf();
  return test::input_error(
      [&] { return read_stack(yaml::parse(text.str(), "s.yaml", {yaml::Override::parse(changed)})); });
}

}  // namespace

TEST_CASE("broken stacks") {
  CHECK(stack_error("host.per_kernel=5 us").empty());
  CHECK(stack_error("host.per_kernel=5").find("unit") != std::string::npos);
  CHECK(stack_error("precision.compute=fp8").find("no training precision is called 'fp8'") != std::string::npos);
  CHECK(stack_error("kernels.causal_skip=true").find("materialized attention computes every score") !=
        std::string::npos);
  CHECK(stack_error("collectives.all_reduce=rong").find("did you mean 'ring'?") != std::string::npos);
  CHECK(stack_error("collectives.engine_share=2").find("between 0 and 1") != std::string::npos);
  CHECK(stack_error("host.source=nobody").find("no source is called 'nobody'") != std::string::npos);
  CHECK(stack_error("kernels.fused=true").find("fused") != std::string::npos);
}

TEST_CASE("a chip without the stack's precision is named") {
  Stack stack = test::stack_named("megatron_lm");
  const Chip a100 = test::chip_named("a100_sxm_80gb");
  CHECK_FALSE(stack_fault(stack, a100));
  stack.compute = Precision::kFp32;
  CHECK(stack_fault(stack, a100) ==
        "NVIDIA A100 SXM4 80 GB computes no matrix products in fp32, as the stack Megatron-LM demands");
  const DecoderModel model = test::small_gpt();
  const Plan plan = test::plan_of(model, "{batch: 1, sequence: 128}");
  CHECK_THROWS_AS(static_cast<void>(training_step(model, plan, stack, a100)), RunError);
}
