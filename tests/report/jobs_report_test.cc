// The table over jobs that share a machine: where they meet, what the text and the JSON say.
#include "sim/report/jobs_report.h"

#include <fstream>

#include "tests/kernel/play.h"
#include "tests/report/sample_report.h"
#include "tests/report/schema_check.h"

using namespace sample;
using schema_check::Json;

namespace {

JobsReport two_jobs() {
  JobsReport together;
  together.scenario = "Two";
  together.cluster = "Four nodes";
  together.network = "fluid";
  together.rows = {{"left", 16, Duration(), Duration::picoseconds(200'000'000), Duration::picoseconds(250'000'000)},
                   {"right one", 4, Duration::picoseconds(5'000), Duration::picoseconds(1'000'000),
                    Duration::picoseconds(3'000'000)}};
  together.meetings = {{"leaf0 → spine0", {5e6, 15e6}, 0.002}};
  together.reports = {report(), report()};
  together.warnings = {"w"};
  return together;
}

Json jobs_schema() {
  std::ifstream file(std::string(ORRERY_SOURCE_DIR) + "/docs/jobs.schema.json");
  REQUIRE(file.good());
  return Json::parse(file);
}

}  // namespace

TEST_CASE("links on which jobs meet: used by two at least, those with most to do first") {
  const Fabric fabric = play::star(2);
  std::vector<double> one(2 * 2 + fabric.links().size(), 0);
  std::vector<double> other = one;
  one[4 + 2] = 1e12;  // the first chip's way up; the other job uses another
  one[4 + 3] = other[4 + 3] = 2e12;
  one[4 + 6] = 4e12;
  other[4 + 6] = 3e12;
  const std::vector<JobsReport::Meeting> meetings = meetings_of(fabric, {&one, &other});
  REQUIRE(meetings.size() == 2);
  CHECK(meetings[0].link == "chip1 → switch");
  CHECK(meetings[0].bytes == std::vector<double>{4e12, 3e12});
  CHECK(meetings[0].seconds == 7);
  CHECK(meetings[1].link == "switch → chip0");
  CHECK(meetings[1].seconds == 4);
}

TEST_CASE("the table over jobs") {
  const std::string text = to_text(two_jobs(), false);
  CHECK(
      text.starts_with("Two: 2 jobs on Four nodes, fluid network\n\n"
                       "job         chips       start       alone    together  slowdown\n"
                       "left           16         0 s      200 us      250 us     1.250\n"
                       "right one       4     5.00 ns     1.00 us     3.00 us     3.000\n\n"
                       "the jobs meet on 1 link:\n"
                       "  leaf0 → spine0: 2.00 ms for left 4.77 MiB, right one 14.3 MiB\n\n"
                       "Sixteen chips: fits, 250 ms per step\n"));
  JobsReport apart = two_jobs();
  apart.meetings.clear();
  CHECK(to_text(apart, false).find("the jobs meet on no link\n") != std::string::npos);
}

TEST_CASE("the JSON of jobs keeps to its schema") {
  const Json json = Json::parse(to_json(two_jobs()));
  CHECK(schema_check::gap(jobs_schema()) == "");
  CHECK(schema_check::breach(json, jobs_schema()) == "");
  CHECK(json.at("jobs")[1].at("slowdown") == 3.0);
  CHECK(json.at("jobs")[0].at("report").at("mfu") == 0.4);
  CHECK(json.at("shared_links")[0].at("bytes_of_jobs").at("right one") == 15e6);
}
