// What disturbs a run as instants in its trace: beginnings and ends, in order, none after the last op.
#include <sstream>

#include "sim/report/chrome.h"
#include "tests/report/jobs.h"

namespace {

using jobs::Prepared;

Prepared disturbed_job() {
  return Prepared(jobs::kDecoder, {"events=[{at: 2 us, until: 3 us, every: 2 us, times: 2, chip: 1, speed: 50 %}, "
                                   "{at: 1 us, chip: 0, hbm: 25 %}, {at: 5 h, chip: 0, hbm: 50 %}]",
                                   "background=[{from: 0, to: 1, rate: 1 GB/s}]"});
}

}  // namespace

TEST_CASE("notes come in order of time, an end after each beginning") {
  const Prepared prepared = disturbed_job();
  std::vector<std::pair<std::int64_t, std::string>> notes;
  for (const orrery::TraceNote& note : notes_of(prepared.scenario.events, prepared.scenario.background))
    notes.emplace_back(note.at.ps() / 1'000'000, note.text);
  CHECK(notes == std::vector<std::pair<std::int64_t, std::string>>{
                     {0, "traffic from node0/chip0 to node0/chip1: 1 flow, 1.00 GB/s a sender"},
                     {1, "HBM of node0/chip0 at 25 %"},
                     {2, "node0/chip1 at 50 %"},
                     {3, "no more: node0/chip1 at 50 %"},
                     {4, "node0/chip1 at 50 %"},
                     {5, "no more: node0/chip1 at 50 %"},
                     {18'000'000'000, "HBM of node0/chip0 at 50 %"}});
}

TEST_CASE("a trace shows notes on a track of their own, those within the run") {
  const Prepared prepared = disturbed_job();
  const jobs::Recording run = jobs::record(prepared);
  std::ostringstream out;
  const auto format = orrery::chrome_format(out);
  orrery::TraceOptions options;
  options.ranks = prepared.all_ranks();
  options.notes = notes_of(prepared.scenario.events, prepared.scenario.background);
  jobs::write(prepared, run, options, {}, *format);
  const std::string text = out.str();
  CHECK(text.find("\"name\":\"what disturbs it\"") != std::string::npos);
  CHECK(text.find("{\"ph\":\"X\",\"name\":\"HBM of node0/chip0 at 25 %\",\"cat\":\"disturbance\",") !=
        std::string::npos);
  CHECK(text.find("HBM of node0/chip0 at 50 %") == std::string::npos);

  std::ostringstream plain;
  const auto other = orrery::chrome_format(plain);
  options.notes.clear();
  jobs::write(prepared, run, options, {}, *other);
  CHECK(plain.str().find("what disturbs it") == std::string::npos);
}
