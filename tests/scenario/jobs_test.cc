// Several jobs out of one file: which chips each gets, and what they have in common.
#include "sim/scenario/jobs.h"

#include <doctest/doctest.h>

#include "tests/scenario/small_scenario.h"

using namespace small_scenario;  // tests read as the code that they check

namespace {

// A job of four chips, with more keys.
std::string job(const std::string& more) {
  return "  - {model: megatron_1.7b, stack: megatron_lm, plan: {tensor: 4, microbatch: 1, batch: 4}" +
         (more.empty() ? "" : ", " + more) + "}\n";
}

SharedScenario jobs_in(const std::string& jobs, const std::string& more = "") {
  const std::string text = "cluster: dgx_a100_superpod\n" + more + "jobs:\n" + jobs;
  return read_jobs(Library({ORRERY_SOURCE_DIR}), yaml::parse(text, "jobs.yaml"), "jobs");
}

std::vector<std::uint32_t> chips_of(const Scenario& scenario) {
  std::vector<std::uint32_t> chips;
  for (const ChipId chip : placement_of(scenario)) chips.push_back(chip.index());
  return chips;
}

using Chips = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("jobs take the chips that they name, or those behind the jobs before them") {
  const SharedScenario shared = jobs_in(job("") + job("chips: [9, 8, 12-13]") + job("start: 3 us"));
  REQUIRE(shared.jobs.size() == 3);
  CHECK(chips_of(shared.jobs[0]) == Chips{0, 1, 2, 3});
  CHECK(chips_of(shared.jobs[1]) == Chips{9, 8, 12, 13});
  CHECK(chips_of(shared.jobs[2]) == Chips{14, 15, 16, 17});
  CHECK(shared.starts == std::vector<Duration>{Duration(), Duration(), Duration::picoseconds(3'000'000)});
  CHECK(shared.jobs[2].name == "job 3");
  CHECK(shared.jobs[0].cluster->fabric.chip_count() == 24);
}

TEST_CASE("jobs have one machine and what disturbs it in common") {
  const SharedScenario shared =
      jobs_in(job("name: a") + job("name: b"),
              "network: alpha-beta\nevents: [{chip: 5, speed: 50 %}]\nbackground: [{from: 8-11, rate: 1 GB/s}]\n");
  CHECK(shared.jobs[0].cluster == shared.jobs[1].cluster);
  CHECK(shared.jobs[0].cluster->fabric.chip_count() == 16);
  for (const Scenario& one : shared.jobs) {
    CHECK(one.network == "alpha-beta");
    CHECK(one.events.size() == 1);
    CHECK(one.background.size() == 1);
  }
}

TEST_CASE("what of a job's plan changes nothing is said with the job's name") {
  const std::string pointless =
      "  - {name: odd, model: megatron_1.7b, stack: megatron_lm,\n"
      "     plan: {tensor: 4, microbatch: 1, batch: 4, zero: 1}}\n";
  CHECK(jobs_in(job("") + pointless).warnings ==
        std::vector<std::string>{
            "odd: jobs.yaml:5: 'zero' changes nothing: there is only one data replica to shard over"});
  const std::string whole =
      "  - {name: odd, model: megatron_1.7b, stack: megatron_lm,\n"
      "     plan: {tensor: 4, microbatch: 1, batch: 4, loss_as_layer: true}}\n";
  CHECK(jobs_in(job("") + whole).warnings ==
        std::vector<std::string>{
            "odd: jobs.yaml:5: 'loss_as_layer' changes nothing: one stage of one chunk holds all layers"});
}
