// Reads back Chrome traces of real runs: valid JSON, lanes without overlap, exact times, arrows with two ends.
#include "sim/report/chrome.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/report/jobs.h"

using namespace jobs;

namespace {

using Json = nlohmann::json;

std::string chrome_of(const Prepared& prepared, const Recording& recording, const TraceOptions& options,
                      const std::vector<ResourceId>& counted = {}) {
  std::ostringstream out;
  const std::unique_ptr<TraceFormat> format = chrome_format(out);
  write(prepared, recording, options, counted, *format);
  return out.str();
}

std::vector<Json> events(const Json& trace, const std::string& phase) {
  std::vector<Json> found;
  for (const Json& event : trace.at("traceEvents"))
    if (event.at("ph") == phase) found.push_back(event);
  return found;
}

// As readers do that multiply in doubles and cut off, and as those that round.
std::int64_t cut(const Json& microseconds) { return static_cast<std::int64_t>(microseconds.get<double>() * 1000.0); }
std::int64_t rounded(const Json& microseconds) { return std::llround(microseconds.get<double>() * 1000.0); }

using Lane = std::pair<int, int>;
Lane lane_of(const Json& event) { return {event.at("pid"), event.at("tid")}; }

}  // namespace

TEST_CASE("Chrome: one complete event for each span, in whole nanoseconds however they are read") {
  const Prepared prepared(kDecoder);
  const Recording recording = record(prepared);
  const Json trace = Json::parse(chrome_of(prepared, recording, {prepared.all_ranks()}));
  const std::vector<Json> slices = events(trace, "X");
  REQUIRE(slices.size() == recording.spans.size());
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const Span& span = recording.spans[i];
    const Json& slice = slices[i];
    CHECK(slice.at("args").at("begin_ps") == span.begin.ps());
    CHECK(slice.at("args").at("end_ps") == span.end.ps());
    for (const auto& read : {cut, rounded}) {
      CHECK(read(slice.at("ts")) == span.begin.ps() / 1000);
      CHECK(read(slice.at("dur")) == span.end.ps() / 1000 - span.begin.ps() / 1000);
    }
    const Op& op = prepared.program.roles[prepared.program.role_of_rank[span.rank.index()]].ops[span.op];
    CHECK(slice.at("name") == prepared.program.names[op.name]);
    CHECK(slice.at("cat") == std::string(to_name(op.phase)));
  }
}

TEST_CASE("Chrome: no two events of one lane overlap, but for kernels inside their segment") {
  const Prepared prepared(kDecoder);
  const Recording recording = record(prepared);
  TraceOptions options{prepared.all_ranks()};
  options.kernels = true;
  const Json trace = Json::parse(chrome_of(prepared, recording, options));
  std::map<Lane, std::int64_t> outer_end;
  std::map<Lane, std::int64_t> inner_end;
  std::size_t kernels = 0;
  for (const Json& slice : events(trace, "X")) {
    const std::int64_t begin = cut(slice.at("ts"));
    const std::int64_t end = begin + cut(slice.at("dur"));
    std::int64_t& outer = outer_end[lane_of(slice)];
    std::int64_t& inner = inner_end[lane_of(slice)];
    if (slice.at("cat") == "kernel") {
      ++kernels;
      CHECK(begin >= inner);
      CHECK(end <= outer);
      inner = end;
    } else {
      CHECK(begin >= outer);
      outer = end;
      inner = begin;
    }
  }
  CHECK(kernels > 0);
}

TEST_CASE("Chrome: only kinds that are asked for are shown") {
  const Prepared prepared(kDecoder);
  const Recording recording = record(prepared);
  TraceOptions options{prepared.all_ranks()};
  options.classes = {false, true, false, false, false};
  std::size_t collectives = 0;
  for (const Span& span : recording.spans)
    collectives += prepared.program.roles[prepared.program.role_of_rank[span.rank.index()]].ops[span.op].kind ==
                           OpKind::kCollective
                       ? 1
                       : 0;
  REQUIRE(collectives > 0);
  const Json trace = Json::parse(chrome_of(prepared, recording, options));
  CHECK(events(trace, "X").size() == collectives);
  CHECK(events(trace, "s").empty());
}

TEST_CASE("Chrome: every lane has a name and a place, every arrow two ends") {
  const Prepared prepared(kDecoder);
  const Recording recording = record(prepared);
  const Json trace = Json::parse(chrome_of(prepared, recording, {prepared.all_ranks()}));
  std::map<Lane, std::string> names;
  std::map<Lane, int> places;
  for (const Json& event : events(trace, "M")) {
    if (event.at("name") == "thread_name") names[lane_of(event)] = event.at("args").at("name");
    if (event.at("name") == "thread_sort_index") places[lane_of(event)] = event.at("args").at("sort_index");
  }
  std::map<Lane, std::set<std::int64_t>> begins;
  for (const Json& slice : events(trace, "X")) {
    REQUIRE(names.count(lane_of(slice)) == 1);
    begins[lane_of(slice)].insert(cut(slice.at("ts")));
  }
  CHECK(places.size() == names.size());
  std::map<std::uint64_t, std::int64_t> sources;
  for (const Json& event : events(trace, "s")) {
    CHECK(sources.emplace(event.at("id"), cut(event.at("ts"))).second);
    CHECK(names.at(lane_of(event)) == "send");
    CHECK(begins[lane_of(event)].count(cut(event.at("ts"))) == 1);
  }
  std::size_t ends = 0;
  for (const Json& event : events(trace, "f")) {
    ++ends;
    REQUIRE(sources.count(event.at("id")) == 1);
    CHECK(sources.at(event.at("id")) <= cut(event.at("ts")));
    CHECK(event.at("bp") == "e");
    CHECK(names.at(lane_of(event)) == "receive");
    CHECK(begins[lane_of(event)].count(cut(event.at("ts"))) == 1);
  }
  CHECK(ends == sources.size());
  CHECK(ends > 0);
}

TEST_CASE("Chrome: counters read back as the same doubles") {
  const Prepared prepared(kDecoder);
  const std::vector<ResourceId> counted = counted_resources(prepared.job(), {RankId(3)});
  const Recording recording = record(prepared, counted);
  const Json trace = Json::parse(chrome_of(prepared, recording, {{RankId(3)}}, counted));
  const std::vector<Json> samples = events(trace, "C");
  REQUIRE(samples.size() == recording.samples.size());
  CHECK(!samples.empty());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    CHECK(samples[i].at("args").at("B/s") == recording.samples[i].load);
    CHECK(cut(samples[i].at("ts")) == recording.samples[i].at.ps() / 1000);
  }
}

TEST_CASE("Chrome: names that JSON must quote, and an empty trace") {
  play::Writer w({{"data \"x\"\\\n", 1}});
  w.role("a \"role\"").compute(1234).as("op \"\\\n\x01\xff");
  const Fabric fabric = play::star(1);
  const Placement placement = play::in_order(w.program);
  std::ostringstream out;
  const std::unique_ptr<TraceFormat> format = chrome_format(out);
  Trace trace({&fabric, &w.program, &placement}, {{RankId(0)}}, {}, *format);
  trace.span({RankId(0), 0, Time(), Time(), Time::picoseconds(1234), 1});
  trace.finish();
  const Json read = Json::parse(out.str());
  CHECK(events(read, "X").at(0).at("name").get<std::string>().substr(0, 6) == "op \"\\\n");

  std::ostringstream nothing;
  chrome_format(nothing)->finish();
  CHECK(Json::parse(nothing.str()).at("traceEvents").empty());
}
