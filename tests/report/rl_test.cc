// An iteration's parts added up: one after another, or the rollout beside the rest.
#include "sim/report/rl.h"

#include <doctest/doctest.h>

using namespace orrery;

namespace {

RlReport iteration(bool disaggregated) {
  RlReport report;
  report.name = "GRPO";
  report.disaggregated = disaggregated;
  report.parts = {{"rollout", 100, 16, 60, {}}, {"reference", 4, 8, 10, {}}, {"update", 2, 8, 30, {}}};
  report.resharding = 5;
  report.responses = 64;
  report.tokens = 6400;
  report.measured = 100;
  return report;
}

}  // namespace

TEST_CASE("colocated parts follow each other on the same chips") {
  const RlReport report = iteration(false);
  CHECK(report.seconds() == 105);
  CHECK(report.chips() == 16);
  CHECK(to_text(report, false).find("the rollout takes 57 % of the iteration") != std::string::npos);
  CHECK(to_text(report, false).find("error +5.0 %") != std::string::npos);
}

TEST_CASE("disaggregated, the slower side sets the pace") {
  const RlReport report = iteration(true);
  CHECK(report.seconds() == 65);
  CHECK(report.chips() == 24);
  CHECK(to_text(report, false).find("the rollout sets the pace") != std::string::npos);
  CHECK(to_json(report).find("\"iteration_s\": 65.0") != std::string::npos);
}
