// Scenarios whose model is of a family of its own: what stands in them, how they grow, what is refused.
#include <doctest/doctest.h>

#include "sim/base/error.h"
#include "sim/scenario/grown_plan.h"
#include "sim/scenario/jobs.h"
#include "tests/scenario/small_scenario.h"

using namespace small_scenario;  // tests read as the code that they check

namespace {

Scenario family_scenario(const std::string& text) {
  return read_scenario(Library({ORRERY_SOURCE_DIR}), yaml::parse(text, "test.yaml"), "test");
}

constexpr const char* kImages =
    "cluster: dgx_a100_superpod\nmodel: resnet50\nstack: pytorch_ddp\nplan: {data: 8, spatial: 2, batch: 256}\n";

}  // namespace

TEST_CASE("a family's scenario has its workload, and the chips and samples that the rest of the house asks for") {
  const Scenario scenario = family_scenario(kImages);
  REQUIRE(scenario.workload != nullptr);
  CHECK(scenario.workload->family() == "cnn");
  CHECK(scenario.model.name == "ResNet-50");
  CHECK(scenario.plan.chips() == 16);
  CHECK(scenario.plan.batch == 256);
  CHECK(placement_of(scenario).size() == 16);
  CHECK(program_of(scenario).role_of_rank.size() == 16);
  CHECK(memory_of(scenario).fits());
  CHECK(advice_of(scenario).empty());
  const Scenario full =
      family_scenario("cluster: dgx_a100\nmodel: resnet50\nstack: pytorch_ddp\nplan: {batch: 4096}\n");
  CHECK(advice_of(full).starts_with("needs "));
  CHECK(advice_of(full).find("largest: activations") != std::string::npos);
}

TEST_CASE("a decoder's scenario has none") {
  CHECK(family_scenario("cluster: dgx_a100\nmodel: megatron_1.7b\nstack: megatron_lm\nplan: {batch: 8}\n").workload ==
        nullptr);
}

TEST_CASE("a family grows by its replicas, the batch with them or not") {
  const Scenario scenario = family_scenario(kImages);
  const GrownPlan weak = grow(*scenario.workload, GrowingDimension::kData, true, 64);
  CHECK(weak.refusal.empty());
  CHECK(weak.plan.data == 32);
  CHECK(weak.plan.batch == 1024);
  const auto overrides = overrides_of(weak, true);
  REQUIRE(overrides.size() == 3);
  CHECK(overrides[0].path == "plan.data");
  CHECK(overrides[1].value == "1024");
  CHECK(overrides[2].value == "64");
  CHECK(grow(*scenario.workload, GrowingDimension::kData, false, 64).plan.batch == 256);
  CHECK(grow(*scenario.workload, GrowingDimension::kData, true, 7).refusal ==
        "not a multiple of the 2 chips of a replica");
  CHECK(grow(*scenario.workload, GrowingDimension::kTensor, true, 64).refusal ==
        "ResNet-50 of the family 'cnn' can't grow along tensor");
  CHECK(doubled_sizes(*scenario.workload, 16) == std::vector<std::int64_t>{2, 4, 8, 16});
}

TEST_CASE("jobs of different families share a machine") {
  const std::string text =
      "cluster: dgx_a100_superpod\njobs:\n"
      "  - {model: acoustic_so8, stack: cuda_mpi, plan: {x: 2, y: 2, cells: [256, 256, 256]}}\n"
      "  - {model: megatron_1.7b, stack: megatron_lm, plan: {tensor: 4, microbatch: 1, batch: 4}}\n";
  const SharedScenario shared = read_jobs(Library({ORRERY_SOURCE_DIR}), yaml::parse(text, "jobs.yaml"), "jobs");
  REQUIRE(shared.jobs.size() == 2);
  CHECK(shared.jobs[0].workload != nullptr);
  CHECK(shared.jobs[1].workload == nullptr);
  CHECK(placement_of(shared.jobs[1])[RankId(0)] == ChipId(4));
}
