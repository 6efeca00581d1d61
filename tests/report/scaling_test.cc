// What curves over sizes say: efficiency, N★, where they break and because of which part of the step.
#include "tests/report/scaling.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace sample;

TEST_CASE("efficiency is what a chip does beside the smallest size that ran") {
  const ScaleCurve weak = weak_curve();
  REQUIRE(weak.smallest() == &weak.rows[1]);
  CHECK(efficiency_of(weak, weak.rows[1]) == 1);
  CHECK(efficiency_of(weak, weak.rows[4]) == doctest::Approx(100.0 / 130));
  const ScaleCurve strong = strong_curve();
  CHECK(efficiency_of(strong, strong.rows[1]) == doctest::Approx(100.0 / (2 * 55)));
  CHECK(efficiency_of(strong, strong.rows[2]) == doctest::Approx(100.0 / (4 * 35)));
}

TEST_CASE("parts of a step sum to it") {
  const Report r = report();
  double sum = 0;
  for (const StepPart& part : step_parts(r)) sum += part.seconds;
  CHECK(sum == doctest::Approx(r.step.in_seconds()));
  CHECK(joules_per_token(r) == 3200.0 / 65536);
}

TEST_CASE("N★ is the largest size with no tier below 1, and what falls below behind it is named") {
  Coverage coverage = coverage_of(weak_curve());
  CHECK(coverage.chips == 128);
  REQUIRE(coverage.below);
  CHECK(coverage.below->chips == 256);
  CHECK(coverage.below->ratio.rho == 0.8);
  CHECK(coverage_sentence(weak_curve()) == "128 chips: at 256 the spine tier has ρ = 0.8");

  coverage = coverage_of(strong_curve());
  CHECK(coverage.chips == 256);
  CHECK_FALSE(coverage.below);
  CHECK(coverage_sentence(strong_curve()) == "256 chips, the largest that ran: no tier falls below ρ = 1");

  ScaleCurve never = weak_curve();
  never.rows = {row(64, 64'000, {.compute = 1}, 0.5, Tier::kScaleUp), row(128, 128'000, {.compute = 1}, 0.4)};
  CHECK_FALSE(coverage_of(never).chips);
  CHECK(coverage_sentence(never) == "no size has ρ ≥ 1: at 64 the scale-up tier has ρ = 0.5");

  ScaleCurve twice = weak_curve();
  twice.rows = {row(64, 64'000, {.compute = 1}, 0.5), row(128, 128'000, {.compute = 1}, 1),
                row(256, 256'000, {.compute = 1}, 0.9), row(512, 512'000, {.compute = 1}, 0.7)};
  CHECK(coverage_of(twice).chips == 128);
  CHECK(coverage_of(twice).below->chips == 256);

  ScaleCurve still = weak_curve();
  still.rows[1].report->least.reset();  // nothing is moved: nothing can fall short
  still.rows.resize(2);
  CHECK(coverage_of(still).chips == 64);
  still.rows.resize(1);
  CHECK(coverage_sentence(still) == "none: no size ran");
}

TEST_CASE("weak scaling breaks where gradients stick out") {
  const std::optional<ScaleBreak> found = break_of(weak_curve());
  REQUIRE(found);
  CHECK(found->from == 128);
  CHECK(found->to == 256);
  CHECK(found->part == "exposed data communication");
  CHECK(found->share_from == doctest::Approx(2.0 / 102));
  CHECK(found->share_to == doctest::Approx(23.0 / 124));
  CHECK(found->of_growth == doctest::Approx(21.0 / 22));
  CHECK(first_below(weak_curve(), 0.9) == 256);
  CHECK_FALSE(first_below(weak_curve(), 0.5));
  CHECK(break_sentence(weak_curve()) ==
        "breaks from 128 to 256 chips, where efficiency falls from 98.0 % to 80.6 %: exposed data communication grows "
        "from 2.0 % to 18.5 % of the step, 95 % of what a token costs more; below 90 % at 256 chips");
}

TEST_CASE("strong scaling breaks by the bubble, though the bubble itself is as long as before") {
  const std::optional<ScaleBreak> found = break_of(strong_curve());
  REQUIRE(found);
  CHECK(found->from == 128);
  CHECK(found->to == 256);
  CHECK(found->part == "the pipeline bubble");
  // Chip-milliseconds: from 128 × 55 to 256 × 35, of which the bubble from 128 × 10 to 256 × 10.
  CHECK(found->of_growth == doctest::Approx(1280.0 / 1920));
}

TEST_CASE("a curve that stays up, that rises, and that isn't one") {
  ScaleCurve curve = weak_curve();
  curve.rows.resize(3);
  CHECK(
      break_sentence(curve) ==
      "unbroken up to 128 chips: efficiency stays at 90 % or more; it falls most from 64 to 128 chips, from 100.0 % to "
      "98.0 %: exposed data communication grows from 0.0 % to 2.0 % of the step, all that a token costs more");
  curve.rows = {row(64, 64'000, {.compute = 80, .bubble = 20}, 4), row(128, 128'000, {.compute = 80, .bubble = 10}, 4)};
  CHECK_FALSE(break_of(curve));
  CHECK(break_sentence(curve) == "unbroken up to 128 chips: efficiency never falls");
  curve.rows.resize(1);
  CHECK(break_sentence(curve) == "only one size ran: that makes no curve");
  curve.rows.clear();
  CHECK(break_sentence(curve) == "no size ran: that makes no curve");
}

TEST_CASE("half of the efficiency is a second mark") {
  ScaleCurve curve = weak_curve();
  curve.rows.push_back(row(1024, 1'024'000, {.compute = 80, .tensor = 11, .data = 200, .bubble = 10}, 0.1));
  const std::string sentence = break_sentence(curve);
  CHECK(sentence.starts_with("breaks from 512 to 1,024 chips, "));
  CHECK(sentence.ends_with("; below 90 % at 256 chips, below 50 % at 1,024"));
}

TEST_CASE("whatever grows alone is blamed, for all of it") {
  rc::check([] {
    const auto base = *rc::gen::inRange<std::int64_t>(1, 1000);
    const auto more = *rc::gen::inRange<std::int64_t>(1, 1000);
    const auto which = *rc::gen::inRange(0, 3);
    Parts grown{.compute = base, .tensor = base, .data = base, .bubble = base};
    (which == 0 ? grown.tensor : which == 1 ? grown.data : grown.bubble) += more;
    ScaleCurve curve = weak_curve();
    curve.rows = {row(8, 8'000, {.compute = base, .tensor = base, .data = base, .bubble = base}, 2),
                  row(16, 16'000, grown, 2)};
    const std::optional<ScaleBreak> found = break_of(curve);
    RC_ASSERT(found.has_value());
    RC_ASSERT(found->part == (which == 0   ? "exposed tensor communication"
                              : which == 1 ? "exposed data communication"
                                           : "the pipeline bubble"));
    RC_ASSERT(std::abs(found->of_growth - 1) < 1e-6);
  });
}
