// Reads back the Perfetto files of real runs: every slice, arrow and sample, to the nanosecond and the picosecond.
#include "sim/report/perfetto.h"

#include <doctest/doctest.h>

#include <sstream>

#include "tests/report/jobs.h"
#include "tests/report/perfetto_reader.h"

using namespace jobs;

namespace {

struct Written {
  std::string bytes;
  perfetto_reader::Read read;
};
Written perfetto_of(const Prepared& prepared, const Recording& recording, const TraceOptions& options,
                    const std::vector<ResourceId>& counted = {}) {
  std::ostringstream out;
  const std::unique_ptr<TraceFormat> format = perfetto_format(out);
  write(prepared, recording, options, counted, *format);
  return {out.str(), perfetto_reader::read(out.str())};
}

// Picoseconds of outer slices by the name of their track.
std::map<std::string, std::int64_t> sums(const perfetto_reader::Read& read) {
  std::map<std::string, std::int64_t> sums;
  for (const auto& slice : read.slices)
    if (slice.depth == 0)
      sums[read.tracks.at(slice.track).name] += slice.annotations.at("end_ps") - slice.annotations.at("begin_ps");
  return sums;
}

}  // namespace

TEST_CASE("Perfetto: every span of every rank is a slice on the track of its stream") {
  const Prepared prepared(kDecoder);
  const Recording recording = record(prepared);
  const Written written = perfetto_of(prepared, recording, {prepared.all_ranks()});
  CHECK(written.read.slices.size() == recording.spans.size());
  CHECK(recording.spans.size() == recording.result.ops);

  std::map<std::string, std::int64_t> expected;
  std::map<std::string, std::uint64_t> expected_ns;
  std::size_t sends = 0;
  for (const Span& span : recording.spans) {
    const Op& op = prepared.program.roles[prepared.program.role_of_rank[span.rank.index()]].ops[span.op];
    expected[prepared.program.streams[op.stream]] += (span.end - span.begin).ps();
    expected_ns[prepared.program.streams[op.stream]] +=
        static_cast<std::uint64_t>(span.end.ps() / 1000 - span.begin.ps() / 1000);
    if (op.kind == OpKind::kSend) ++sends;
  }
  CHECK(sums(written.read) == expected);
  std::map<std::string, std::uint64_t> shown_ns;
  std::size_t arrows = 0;
  for (const auto& slice : written.read.slices) {
    shown_ns[written.read.tracks.at(slice.track).name] += slice.end - slice.begin;
    arrows += slice.flows.size();
  }
  CHECK(shown_ns == expected_ns);
  CHECK(sends > 0);
  CHECK(arrows == sends);
  // The compute tracks are the report's own compute time.
  CHECK(sums(written.read).at("compute") == static_cast<std::int64_t>(recording.breakdown.compute));
}

TEST_CASE("Perfetto: slices carry microbatch, layer and bytes, under the phase as their category") {
  const Prepared prepared(kDecoder);
  const Recording recording = record(prepared);
  const Written written = perfetto_of(prepared, recording, {prepared.all_ranks()});
  std::set<std::string> categories;
  std::set<std::int64_t> microbatches;
  std::set<std::int64_t> layers;
  bool waited = false;
  for (const auto& slice : written.read.slices) {
    categories.insert(slice.category);
    if (slice.annotations.count("microbatch") == 1) microbatches.insert(slice.annotations.at("microbatch"));
    if (slice.annotations.count("layer") == 1) layers.insert(slice.annotations.at("layer"));
    const std::string& track = written.read.tracks.at(slice.track).name;
    CHECK((slice.annotations.count("bytes") == 1) == (track != "compute" && track != "host"));
    waited = waited || (slice.annotations.count("waited_ps") == 1 && slice.annotations.at("waited_ps") > 0);
  }
  CHECK(categories.count("forward") == 1);
  CHECK(categories.count("backward") == 1);
  CHECK(microbatches == std::set<std::int64_t>{0, 1, 2, 3});
  CHECK(layers == std::set<std::int64_t>{0, 1, 2, 3});
  CHECK(waited);
}

TEST_CASE("Perfetto: processes are ranks with their stage and chip, tracks stand in order of streams") {
  const Prepared prepared(kDecoder);
  const Written written = perfetto_of(prepared, record(prepared), {prepared.all_ranks()});
  std::vector<std::string> processes;
  std::map<std::uint64_t, std::map<int, std::string>> children;
  for (const auto& [uuid, track] : written.read.tracks) {
    if (track.parent == 0) processes.push_back(track.name);
    if (track.parent != 0) children[track.parent][track.order] = track.name;
  }
  REQUIRE(processes.size() == 8);
  CHECK(processes[0] == "rank 0 · " + prepared.program.roles[0].name + " · node0/chip0");
  CHECK(processes[5] == "rank 5 · " + prepared.program.roles[1].name + " · node0/chip5");
  for (const auto& [parent, tracks] : children) {
    std::size_t last = 0;
    for (const auto& [order, name] : tracks) {
      const auto& streams = prepared.program.streams;
      const auto at = static_cast<std::size_t>(std::find(streams.begin(), streams.end(), name) - streams.begin());
      CHECK(at >= last);
      last = at;
    }
  }
}

TEST_CASE("Perfetto: kernels nest inside their segment and fill it") {
  const Prepared prepared(kDecoder);
  const Recording recording = record(prepared);
  TraceOptions options{prepared.all_ranks()};
  options.kernels = true;
  const Written written = perfetto_of(prepared, recording, options);
  std::size_t kernels = 0;
  for (const Span& span : recording.spans) {
    const Op& op = prepared.program.roles[prepared.program.role_of_rank[span.rank.index()]].ops[span.op];
    if (op.kind == OpKind::kCompute) kernels += prepared.program.segments[SegmentId(op.body)].kernel_count;
  }
  CHECK(kernels > recording.spans.size() / 2);
  CHECK(written.read.slices.size() == recording.spans.size() + kernels);
  std::int64_t inner = 0;
  for (const auto& slice : written.read.slices) {
    if (slice.category != "kernel") continue;
    CHECK(slice.depth == 1);
    inner += slice.annotations.at("end_ps") - slice.annotations.at("begin_ps");
  }
  // Kernels follow one another without a gap, also in a segment that was slowed.
  CHECK(inner == sums(written.read).at("compute"));
}

TEST_CASE("Perfetto: counters hold what the network reported, on the tracks of chips and links") {
  const Prepared prepared(kDecoder);
  const std::vector<ResourceId> counted = counted_resources(prepared.job(), {RankId(0), RankId(1)});
  const Recording recording = record(prepared, counted);
  REQUIRE(!recording.samples.empty());
  const Written written = perfetto_of(prepared, recording, {{RankId(0), RankId(1)}}, counted);
  REQUIRE(written.read.samples.size() == recording.samples.size());
  std::set<std::string> names;
  for (std::size_t i = 0; i < recording.samples.size(); ++i) {
    CHECK(written.read.samples[i].value == recording.samples[i].load);
    CHECK(written.read.samples[i].at == static_cast<std::uint64_t>(recording.samples[i].at.ps() / 1000));
    const auto& track = written.read.tracks.at(written.read.samples[i].track);
    names.insert(written.read.tracks.at(track.parent).name + ": " + track.name + " (" + track.unit + ")");
  }
  CHECK(names.count("rank 0 · " + prepared.program.roles[0].name + " · node0/chip0: HBM (B/s)") == 1);
  CHECK(names.count("links: node0/chip0 → node0/nvswitch0 (B/s)") == 1);
  CHECK(names.count("links: node0/nvswitch0 → node0/chip0 (B/s)") == 1);
}

TEST_CASE("Perfetto: some ranks and a window, arrows only between slices that are shown") {
  const Prepared prepared(kDecoder);
  const Recording recording = record(prepared);
  // Rank 0 sends to rank 4, which is not shown; rank 1 to rank 5, which is.
  TraceOptions options{{RankId(0), RankId(1), RankId(5)}};
  const std::int64_t step = recording.result.step.ps();
  options.from = Time::picoseconds(step / 4);
  options.until = Time::picoseconds(step / 2);
  const Written written = perfetto_of(prepared, recording, options);
  std::size_t expected = 0;
  for (const Span& span : recording.spans) {
    const bool shown = span.rank == RankId(0) || span.rank == RankId(1) || span.rank == RankId(5);
    if (shown && span.end >= options.from && span.begin < options.until) ++expected;
  }
  CHECK(written.read.slices.size() == expected);
  std::size_t arrows = 0;
  for (const auto& slice : written.read.slices) {
    const std::uint64_t process = written.read.tracks.at(slice.track).parent;
    if (written.read.tracks.at(process).name.find("rank 0") == 0) CHECK(slice.flows.empty());
    arrows += slice.flows.size();
  }
  CHECK(arrows > 0);
}

TEST_CASE("Perfetto: the same run gives the same bytes") {
  const Prepared prepared(kDecoder);
  const Written once = perfetto_of(prepared, record(prepared), {prepared.all_ranks()});
  const Written again = perfetto_of(Prepared(kDecoder), record(Prepared(kDecoder)), {prepared.all_ranks()});
  CHECK(once.bytes == again.bytes);
}

TEST_CASE("Perfetto: host syncs, messages to oneself and ops of no length") {
  play::Writer w({{"pipeline", 1}});
  w.compute(0)
      .send(0, 1, 8, {}, play::kComm)
      .recv(0, 1, 8, {}, play::kMore)
      .host_sync({{play::kMore, 1}})
      .compute(2500);
  const Fabric fabric = play::star(1);
  const Placement placement = play::in_order(w.program);
  std::ostringstream out;
  const std::unique_ptr<TraceFormat> format = perfetto_format(out);
  Trace trace({&fabric, &w.program, &placement}, {{RankId(0)}}, {}, *format);
  RunOptions options = play::bare();
  options.sinks.push_back(&trace);
  CHECK(run({&fabric, &w.program, &placement}, options).ops == 5);
  trace.finish();
  const perfetto_reader::Read read = perfetto_reader::read(out.str());
  REQUIRE(read.slices.size() == 5);
  for (const auto& slice : read.slices) {
    CHECK(slice.flows.empty());
    CHECK(slice.end - slice.begin == (slice.name == "op 4" ? 2U : 0U));
  }
}
