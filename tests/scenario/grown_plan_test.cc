// Plans at other sizes: which dimension takes the chips, what becomes of the batch, and what can't be.
#include "sim/scenario/grown_plan.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace {

using namespace orrery;  // tests read as the code that they check

Plan base_plan() {
  Plan plan;
  plan.tensor = 4;
  plan.pipeline = 2;
  plan.data = 3;
  plan.batch = 48;
  return plan;
}

}  // namespace

TEST_CASE("the dimension that grows takes the chips, the batch goes with it or stays") {
  GrownPlan grown = grow(base_plan(), GrowingDimension::kData, true, 64);
  CHECK(grown.refusal.empty());
  CHECK(grown.plan.data == 8);
  CHECK(grown.plan.batch == 128);
  CHECK(grown.plan.tensor == 4);
  grown = grow(base_plan(), GrowingDimension::kData, false, 64);
  CHECK(grown.plan.data == 8);
  CHECK(grown.plan.batch == 48);
  grown = grow(base_plan(), GrowingDimension::kTensor, true, 48);
  CHECK(grown.plan.tensor == 8);
  CHECK(grown.plan.batch == 96);
  grown = grow(base_plan(), GrowingDimension::kPipeline, true, 12);
  CHECK(grown.plan.pipeline == 1);
  CHECK(grown.plan.batch == 24);
}

TEST_CASE("what doesn't divide says by what") {
  CHECK(grow(base_plan(), GrowingDimension::kData, true, 20).refusal ==
        "not a multiple of tensor 4 × pipeline 2 = 8 chips");
  CHECK(grow(base_plan(), GrowingDimension::kTensor, true, 20).refusal ==
        "not a multiple of pipeline 2 × data 3 = 6 chips");
  CHECK(grow(base_plan(), GrowingDimension::kPipeline, true, 8).refusal ==
        "not a multiple of tensor 4 × data 3 = 12 chips");
  Plan odd = base_plan();
  odd.batch = 47;
  CHECK(grow(odd, GrowingDimension::kData, true, 16).refusal ==
        "the batch, 47 sequences for data 3, can't grow to 2 in proportion");
  CHECK(grow(odd, GrowingDimension::kData, false, 16).refusal.empty());
}

TEST_CASE("sizes when nobody names any") {
  CHECK(doubled_sizes(base_plan(), GrowingDimension::kData, 100) == std::vector<std::int64_t>{8, 16, 32, 64});
  CHECK(doubled_sizes(base_plan(), GrowingDimension::kTensor, 6) == std::vector<std::int64_t>{6});
  CHECK(doubled_sizes(base_plan(), GrowingDimension::kPipeline, 5).empty());
}

TEST_CASE("what stands over the file's keys") {
  const GrownPlan grown = grow(base_plan(), GrowingDimension::kData, true, 64);
  const std::vector<yaml::Override> overrides = overrides_of(grown, true);
  REQUIRE(overrides.size() == 5);
  CHECK(overrides[2].path == "plan.data");
  CHECK(overrides[2].value == "8");
  CHECK(overrides[4].path == "chips");
  CHECK(overrides[4].value == "64");
  CHECK(overrides_of(grown, false).size() == 4);
}

TEST_CASE("a plan that has grown is of that size, and its own size leaves it as it is") {
  rc::check([] {
    Plan plan;
    plan.tensor = *rc::gen::inRange<std::int64_t>(1, 9);
    plan.pipeline = *rc::gen::inRange<std::int64_t>(1, 9);
    plan.data = *rc::gen::inRange<std::int64_t>(1, 9);
    plan.batch = plan.data * *rc::gen::inRange<std::int64_t>(1, 100);
    const auto grows =
        *rc::gen::element(GrowingDimension::kTensor, GrowingDimension::kData, GrowingDimension::kPipeline);
    const auto chips = *rc::gen::inRange<std::int64_t>(1, 1000);
    const bool weak = *rc::gen::arbitrary<bool>();
    const GrownPlan grown = grow(plan, grows, weak, chips);
    if (grown.refusal.empty()) {
      RC_ASSERT(grown.plan.chips() == chips);
      RC_ASSERT(grown.plan.batch * (weak ? plan.chips() : 1) == plan.batch * (weak ? chips : 1));
    }
    const GrownPlan same = grow(plan, grows, weak, plan.chips());
    RC_ASSERT(same.refusal.empty());
    RC_ASSERT(same.plan.batch == plan.batch);
  });
}
