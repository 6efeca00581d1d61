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

TEST_CASE("jobs placed by name take what the others leave, in their order") {
  const SharedScenario shared =
      jobs_in(job("placement: {name: spread, among: 24}") + job("chips: 8-11") + job("") + job("placement: packed") +
              job("placement: {name: random, seed: 2, among: 40}"));
  CHECK(chips_of(shared.jobs[1]) == Chips{8, 9, 10, 11});
  CHECK(chips_of(shared.jobs[2]) == Chips{12, 13, 14, 15});
  CHECK(chips_of(shared.jobs[0]) == Chips{0, 16, 1, 17});
  CHECK(chips_of(shared.jobs[3]) == Chips{2, 3, 4, 5});
  CHECK(shared.jobs[0].cluster->fabric.chip_count() == 40);
  const Chips last = chips_of(shared.jobs[4]);
  for (const SharedScenario& again : {jobs_in(job("placement: {name: random, seed: 2, among: 40}"))})
    CHECK(chips_of(again.jobs[0]).size() == 4);
  for (const std::uint32_t chip : last) CHECK((chip < 40 && (chip == 6 || chip == 7 || chip > 17)));
  // One placed by chance has the whole cluster to choose from.
  CHECK(jobs_in(job("placement: random")).jobs[0].cluster->fabric.chip_count() > 1000);
}

TEST_CASE("a job may play what was recorded, beside one that is described") {
  const std::string path = std::string(ORRERY_SOURCE_DIR) + "/scenarios/schedules/ring_of_4.goal";
  const SharedScenario shared =
      jobs_in(job("") + "  - {name: recorded, trace: {goal: " + path + "}, placement: packed, start: 1 ms}\n" +
              "  - {trace: {simai: " + ORRERY_SOURCE_DIR + "/scenarios/simai/moe_64.txt, ranks: 64}}\n");
  REQUIRE(shared.jobs.size() == 3);
  CHECK(shared.jobs[1].name == "recorded");
  CHECK(shared.jobs[1].traced != nullptr);
  CHECK(shared.jobs[1].cluster == shared.jobs[0].cluster);
  CHECK(chips_of(shared.jobs[1]) == Chips{68, 69, 70, 71});
  CHECK(chips_of(shared.jobs[2]).front() == 4);
  CHECK(program_of(shared.jobs[1]).role_of_rank.size() == 4);
  CHECK(shared.jobs[0].traced == nullptr);
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
