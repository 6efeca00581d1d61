// Rollouts: lengths of responses by quantile, and stretches that hold every token once.
#include "sim/scenario/rl_file.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace orrery;

TEST_CASE("lengths are the log-normal distribution's quantiles") {
  const ResponseLengths lengths{.mean = 1000, .spread = 0.5, .longest = 1'000'000};
  // The median of a log-normal distribution is its mean ÷ e^(σ²/2).
  CHECK(static_cast<double>(lengths.length(500, 1001)) == doctest::Approx(1000 / std::exp(0.125)).epsilon(0.001));
  double sum = 0;
  for (std::int64_t k = 0; k < 10'000; ++k) sum += static_cast<double>(lengths.length(k, 10'000));
  CHECK(sum / 10'000 == doctest::Approx(1000).epsilon(0.002));
  // 84.13 % of a normal distribution lie below one deviation.
  CHECK(static_cast<double>(lengths.length(84134, 100'000)) ==
        doctest::Approx(1000 * std::exp(0.5 - 0.125)).epsilon(0.001));
  CHECK(ResponseLengths{.mean = 1000, .spread = 2, .longest = 1500}.length(99, 100) == 1500);
}

TEST_CASE("stretches follow each other to the longest response and hold all tokens") {
  for (const double spread : {0.0, 0.3, 1.0, 2.0})
    for (const std::int64_t count : {1, 2, 7, 64, 1000}) {
      CAPTURE(spread);
      CAPTURE(count);
      const ResponseLengths lengths{.mean = 800, .spread = spread, .longest = 4096};
      std::int64_t tokens = 0;
      for (std::int64_t k = 0; k < count; ++k) tokens += lengths.length(k, count);
      std::int64_t next = 0;
      std::int64_t held = 0;
      std::int64_t before = count;
      for (const RolloutStretch& stretch : stretches_of(lengths, count)) {
        CHECK(stretch.first == next);
        CHECK(stretch.steps > 0);
        CHECK(stretch.active <= before);
        before = stretch.active;
        next += stretch.steps;
        held += stretch.active * stretch.steps;
      }
      CHECK(next == lengths.length(count - 1, count));
      CHECK(held >= tokens);  // each stretch's mean is rounded up
      CHECK(held < tokens + next);
    }
}

TEST_CASE("responses all alike go on together") {
  const std::vector<RolloutStretch> stretches =
      stretches_of(ResponseLengths{.mean = 500, .spread = 0, .longest = 1000}, 64);
  REQUIRE(stretches.size() == 1);
  CHECK(stretches[0].steps == 500);
  CHECK(stretches[0].active == 64);
}
