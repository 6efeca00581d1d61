// What scaling keeps of the first row's MFU, measured and simulated, and that an error common to all sizes cancels out.
#include <doctest/doctest.h>

#include "tools/orrery/accuracy.h"

using namespace orrery;

namespace {

AccuracyRow row(const char* model, std::size_t chips, double mfu, double error) {
  AccuracyRow one;
  one.scenario = std::string(model) + " on " + std::to_string(chips);
  one.model = model;
  one.chips = chips;
  one.mfu = mfu;
  one.error = error;
  return one;
}

}  // namespace

TEST_CASE("a batch of another size starts anew") {
  Accuracy accuracy{{row("a", 8, 0.5, 0), row("a", 64, 0.6, 0), row("a", 128, 0.3, 0)}};
  accuracy.rows[1].batch = accuracy.rows[2].batch = 8;
  CHECK(scaling_of(accuracy)[1].first == 1);
  CHECK(scaling_of(accuracy)[2].first == 1);
  CHECK(scaling_of(accuracy)[2].simulated == doctest::Approx(0.5));
}

TEST_CASE("each row stands against the first of its own model") {
  const Accuracy accuracy{{row("a", 8, 0.5, 0), row("b", 8, 0.4, 0.25), row("a", 16, 0.4, 0), row("b", 32, 0.2, 0.5)}};
  const std::vector<ScalingRow> rows = scaling_of(accuracy);
  REQUIRE(rows.size() == 4);
  CHECK(rows[1].first == 1);
  CHECK(rows[2].first == 0);
  CHECK(rows[2].simulated == doctest::Approx(0.8));
  CHECK(rows[2].measured == doctest::Approx(0.8));
  CHECK(rows[3].first == 1);
  CHECK(rows[3].simulated == doctest::Approx(0.5));
  CHECK(rows[3].measured == doctest::Approx(0.6));  // 0.2 × 1.5 of 0.4 × 1.25
}

TEST_CASE("steps that are all too short by a quarter scale as measured") {
  const Accuracy accuracy{{row("a", 8, 0.6, -0.25), row("a", 64, 0.5, -0.25)}};
  CHECK(scaling_of(accuracy)[1].measured == doctest::Approx(scaling_of(accuracy)[1].simulated));
  CHECK(scaling_text(accuracy).find("mean absolute difference 0.0 points over 1 row") != std::string::npos);
}

TEST_CASE("the table of scaling") {
  const Accuracy accuracy{{row("GPT", 8, 0.5, 0.1), row("GPT", 1024, 0.4, 0)}};
  CHECK(scaling_text(accuracy) == R"(
model   batch     chips  MFU measured (%)  simulated (%)  kept measured (%)   simulated (%)  difference
GPT         1         8              55.0           50.0              first           first
GPT         1      1024              40.0           40.0               72.7            80.0        +7.3

kept: MFU as a share of that of the first row with this model and batch; mean absolute difference 7.3 points over 1 row
)");
}
