// A sweep's figures, its answer in a sentence, and what becomes of points that don't run.
#include "sim/report/sweep.h"

#include <doctest/doctest.h>

using namespace orrery;

namespace {

SweepPoint ran(std::string label, double x, double mfu) {
  Report report;
  report.mfu = mfu;
  report.chips = 1;
  return {std::move(label), x, "", report};
}

Sweep ranks(bool relative) {
  Sweep sweep;
  sweep.question = "How far?";
  sweep.along = "ranks";
  sweep.measure = find_measure("mfu");
  sweep.relative = relative;
  sweep.lines = {{"narrow", {ran("1", 1, 0.4), ran("2", 2, 0.3), ran("4", 4, 0.1)}},
                 {"wide", {ran("1", 1, 0.5), ran("2", 2, 0.5), SweepPoint{"4", 4, "doesn't divide", std::nullopt}}}};
  return sweep;
}

}  // namespace

TEST_CASE("values are shares of the first point, or the figure itself") {
  const Sweep sweep = ranks(true);
  CHECK(*value_of(sweep, sweep.lines[0], sweep.lines[0].points[1]) == doctest::Approx(0.75));
  CHECK_FALSE(value_of(sweep, sweep.lines[1], sweep.lines[1].points[2]).has_value());
  const Sweep own = ranks(false);
  CHECK(*value_of(own, own.lines[0], own.lines[0].points[1]) == doctest::Approx(30));
}

TEST_CASE("the answer says how far each line keeps what was asked") {
  Sweep sweep = ranks(true);
  sweep.least = 0.7;
  CHECK(answer(sweep) ==
        "It stays at least 0.7000 ×, by ranks: up to 2 with narrow; up to 2, the last shown, with wide.");
  sweep.least = 2;
  CHECK(answer(sweep) == "It stays at least 2.000 ×, by ranks: nowhere with narrow; nowhere with wide.");
}

TEST_CASE("or from where to where each line goes") {
  CHECK(answer(ranks(false)) ==
        "narrow goes from 40.00 % at 1 to 10.00 % at 4 (0.2500 ×); wide goes from 50.00 % at 1 to 50.00 % at 2 (1.000 "
        "×).");
}

TEST_CASE("what didn't run is said in every form") {
  const Sweep sweep = ranks(true);
  CHECK(to_text(sweep, false).find("wide at 4: doesn't divide") != std::string::npos);
  CHECK(to_json(sweep).find("\"refusal\": \"doesn't divide\"") != std::string::npos);
  CHECK(to_csv(sweep).find("wide,4,,,,doesn't divide\n") != std::string::npos);
  CHECK(to_svg(sweep).find("How far?") != std::string::npos);
}

TEST_CASE("every measure has a name of its own and a sentence") {
  for (const Measure& one : measures()) {
    CHECK(find_measure(one.name) == &one);
    CHECK_FALSE(one.sentence.empty());
  }
  CHECK(find_measure("luck") == nullptr);
}
