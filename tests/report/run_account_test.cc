// What a whole run takes: published FLOP counts, and sums of steps.
#include <doctest/doctest.h>

#include "sim/network/resources.h"
#include "sim/report/report.h"
#include "tests/report/jobs.h"

using namespace jobs;

namespace {

// FLOPs need no machine: the step is made up.
Report account(const std::string& text) {
  const Scenario scenario = read_scenario(Library({ORRERY_SOURCE_DIR}), yaml::parse(text, "test.yaml"), "test.yaml");
  const Program program = program_of(scenario);
  RunResult result;
  result.step = Duration::microseconds(1'000'000);
  result.resource_work.assign(Resources(scenario.cluster->fabric).size(), 0);
  Breakdown breakdown;
  breakdown.ranks = static_cast<std::int64_t>(program.role_of_rank.size());
  return summarize(scenario, program, result, breakdown);
}

}  // namespace

TEST_CASE("GPT-3 on 300 billion tokens: 3.14e23 FLOPs by six a parameter and token") {
  const Report report = account(
      "cluster: dgx_a100_superpod\nmodel: gpt3_175b\nstack: megatron_lm\n"
      "plan: {tensor: 8, pipeline: 8, data: 1, microbatch: 1, batch: 1536}\nrun: {tokens: 300e9}\n");
  REQUIRE(report.run);
  CHECK(report.run->steps == 95'368);  // ⌈300e9 ÷ (1536 × 2048)⌉
  CHECK(report.run->parameter_flops.count() == doctest::Approx(3.14e23).epsilon(0.005));
  // With attention's scores and logits: 1 + 2048 ÷ 6·12288 more, and the vocabulary's part.
  CHECK(report.run->model_flops.count() == doctest::Approx(3.14e23).epsilon(0.04));
  CHECK(report.run->model_flops > report.run->parameter_flops);
  CHECK(report.run->seconds == 95'368);
  CHECK(report.run->energy.value() == doctest::Approx(95'368 * report.energy.value()));
  REQUIRE(report.cost_terms);
  CHECK(report.run->cost.total().value() == doctest::Approx(95'368 * report.step_cost.total().value()));
}

TEST_CASE("Llama 3 405B on 15.6 trillion tokens: 3.8e25 FLOPs") {
  const Report report = account(
      "cluster: llama3_24k\nmodel: llama3.1_405b\nstack: megatron_core\n"
      "plan: {tensor: 8, pipeline: 2, data: 1, microbatch: 1, batch: 16, sequence: 8192}\nrun: {tokens: 15.6e12}\n");
  REQUIRE(report.run);
  CHECK(report.run->parameter_flops.count() == doctest::Approx(3.8e25).epsilon(0.005));
}

TEST_CASE("a machine that is owned: all of its capital is the run's, none the step's") {
  const Report report = account(std::string(kDecoder) + "run: {steps: 10}\ncost: {charge: own}\n");
  REQUIRE(report.cost_terms);
  CHECK(report.step_cost.capital == Dollars());
  CHECK(report.run->cost.capital.value() == doctest::Approx(8 * report.cost_terms->capital().value()));
  CHECK(report.run->cost.electricity.value() == doctest::Approx(10 * report.step_cost.electricity.value()));
}
