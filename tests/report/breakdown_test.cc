// Checks where the time of a step went: by hand, case by case, and against a plain count over random programs.
#include "sim/report/breakdown.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <map>

#include "tests/kernel/play.h"

using namespace orrery;
using namespace orrery::play;

namespace {

// One role on one rank is enough: spans are given by hand. Dimension 0 is "tensor", dimension 1 "pipeline".
Writer two_dimensions() {
  Writer writer({{"tensor", 1}, {"pipeline", 2}});
  writer.group("tensor", {0}).group("embedding", {1});
  return writer;
}

Span span(std::uint32_t op, std::int64_t ready, std::int64_t begin, std::int64_t end, std::size_t rank = 0) {
  return {RankId(rank), op, Time::picoseconds(ready), Time::picoseconds(begin), Time::picoseconds(end), kCompute};
}

// Rank 1 does nothing: its whole step counts as bubble, or as skew where nobody sends messages, and is taken off.
Breakdown of(const Program& program, const std::vector<Span>& spans, std::int64_t end) {
  BreakdownSink sink(program);
  for (const Span& one : spans) sink.span(one);
  Breakdown breakdown = sink.finish(Time::picoseconds(end));
  CHECK(breakdown.ranks == 2);
  CHECK(breakdown.total() == 2 * end);
  (program.messages.empty() ? breakdown.skew : breakdown.bubble) -= end;
  return breakdown;
}

std::int64_t exposed(const Breakdown& breakdown, const std::string& dimension) {
  for (const Breakdown::Exposed& part : breakdown.exposed)
    if (part.dimension == dimension) return static_cast<std::int64_t>(part.time);
  return -1;
}

}  // namespace

TEST_CASE("waiting for a receive: a bubble until it begins, exposed from then on") {
  Writer w = two_dimensions();
  w.compute(10).recv(1, -1, 5).compute(10, {{kComm, 1}});
  const Breakdown b = of(w.program, {span(0, 0, 0, 10), span(1, 0, 15, 20), span(2, 20, 20, 30)}, 30);
  CHECK(b.compute == 20);
  CHECK(b.bubble == 5);
  CHECK(exposed(b, "pipeline") == 5);
  CHECK(b.skew + b.host + b.other + b.slowed == 0);
}

TEST_CASE("communication under compute is not exposed, nor what it waited for then") {
  Writer w = two_dimensions();
  w.compute(10).recv(1, -1, 5).compute(10, {{kComm, 1}});
  const Breakdown b = of(w.program, {span(0, 0, 0, 10), span(1, 0, 4, 13), span(2, 13, 13, 23)}, 23);
  CHECK(exposed(b, "pipeline") == 3);
  CHECK(b.bubble == 0);
  const Breakdown hidden = of(w.program, {span(1, 0, 4, 9), span(0, 0, 0, 10), span(2, 10, 10, 20)}, 20);
  CHECK(exposed(hidden, "pipeline") == 0);
  CHECK(hidden.compute == 20);
}

TEST_CASE("a gap that chains a receive and a collective is divided between them") {
  Writer w = two_dimensions();
  w.compute(10).recv(1, -1, 5).collective(CollectiveKind::kAllGather, 0, 8, {{kComm, 1}}, kMore);
  w.compute(5, {{kMore, 1}});
  const Breakdown b =
      of(w.program, {span(0, 0, 0, 10), span(1, 0, 12, 15), span(2, 15, 18, 25), span(3, 25, 25, 30)}, 30);
  CHECK(b.bubble == 2);
  CHECK(exposed(b, "pipeline") == 3);
  CHECK(b.skew == 3);
  CHECK(exposed(b, "tensor") == 7);
}

TEST_CASE("of two waits the later one is what was waited for") {
  Writer w = two_dimensions();
  w.compute(10).recv(1, -1, 5).collective(CollectiveKind::kAllReduce, 0, 8, {}, kMore);
  w.compute(5, {{kComm, 1}, {kMore, 1}});
  const Breakdown b = of(w.program, {span(0, 0, 0, 10), span(1, 0, 0, 16), span(2, 0, 0, 19), span(3, 19, 19, 24)}, 24);
  CHECK(exposed(b, "tensor") == 9);
  CHECK(exposed(b, "pipeline") == 0);
}

TEST_CASE("a queue of collectives on one stream counts each by its own dimension") {
  Writer w = two_dimensions();
  w.compute(10);
  w.collective(CollectiveKind::kAllReduce, 0, 8).collective(CollectiveKind::kAllReduce, 1, 8).compute(1, {{kComm, 2}});
  const Breakdown b =
      of(w.program, {span(0, 0, 0, 10), span(1, 0, 8, 14), span(2, 14, 17, 20), span(3, 20, 20, 21)}, 21);
  CHECK(exposed(b, "tensor") == 4);
  CHECK(exposed(b, "embedding") == 3);
  CHECK(b.skew == 3);  // no message travels along the pipeline here
}

TEST_CASE("waiting in a collective along a dimension that messages travel is a bubble") {
  Writer w = two_dimensions();
  w.collective(CollectiveKind::kAllReduce, 1, 8).compute(1, {{kComm, 1}}).send(1, 1, 4);
  const Breakdown b = of(w.program, {span(0, 0, 6, 10), span(2, 0, 0, 4), span(1, 10, 10, 11)}, 11);
  CHECK(b.bubble == 6);
  CHECK(exposed(b, "embedding") == 4);
}

TEST_CASE("what the host had not queued is the host's, back to the wait that held it") {
  Writer w = two_dimensions();
  w.compute(10).recv(1, -1, 5).host_sync({{kComm, 1}}).compute(10);
  // The host waits for the receive at 12, then needs 5 to queue.
  const Breakdown b =
      of(w.program, {span(0, 0, 0, 10), span(1, 0, 2, 12), span(2, 12, 12, 12), span(3, 17, 17, 27)}, 27);
  CHECK(b.host == 5);
  CHECK(exposed(b, "pipeline") == 2);
  CHECK(b.compute == 20);
  // The host alone, from the beginning.
  Writer alone = two_dimensions();
  alone.compute(10);
  CHECK(of(alone.program, {span(0, 4, 4, 14)}, 14).host == 4);
}

TEST_CASE("a transfer that the host queued late") {
  Writer w = two_dimensions();
  w.compute(10).collective(CollectiveKind::kAllReduce, 0, 8, {{kCompute, 1}}).compute(1, {{kComm, 1}});
  const Breakdown b = of(w.program, {span(0, 0, 0, 10), span(1, 13, 14, 20), span(2, 20, 20, 21)}, 21);
  CHECK(b.host == 3);
  CHECK(b.skew == 1);
  CHECK(exposed(b, "tensor") == 6);
}

TEST_CASE("after a rank's last op: its communication, then nothing to do") {
  Writer w = two_dimensions();
  w.compute(10).collective(CollectiveKind::kAllReduce, 0, 8, {{kCompute, 1}});
  const Breakdown b = of(w.program, {span(0, 0, 0, 10), span(1, 10, 12, 20)}, 50);
  CHECK(exposed(b, "tensor") == 8);
  CHECK(b.skew == 2 + 30);  // without messages there are no bubbles
  CHECK(b.bubble == 0);

  Writer piped = two_dimensions();
  piped.compute(10).send(1, 1, 4, {{kCompute, 1}});
  CHECK(of(piped.program, {span(0, 0, 0, 10), span(1, 10, 10, 20)}, 50).bubble == 30);
}

TEST_CASE("delays, and communication on the compute stream itself") {
  Writer w = two_dimensions();
  w.compute(10).delay(7).compute(1, {{kComm, 1}});
  CHECK(of(w.program, {span(0, 0, 0, 10), span(1, 6, 6, 13), span(2, 13, 13, 14)}, 14).other == 3);

  Writer own = two_dimensions();
  own.compute(10).collective(CollectiveKind::kAllReduce, 0, 8, {}, kCompute).delay(2, {}, kCompute);
  const Breakdown b = of(own.program, {span(0, 0, 0, 10), span(1, 10, 13, 18), span(2, 18, 18, 20)}, 20);
  CHECK(b.skew == 3);
  CHECK(exposed(b, "tensor") == 5);
  CHECK(b.other == 2);
}

TEST_CASE("compute that took longer than alone says by how much") {
  Writer w = two_dimensions();
  w.compute(10);
  CHECK(of(w.program, {span(0, 0, 0, 14)}, 14).slowed == 4);
}

TEST_CASE("sums leave 63 bits") {
  Writer w({{"data", 4}});
  w.compute(1);
  BreakdownSink sink(w.program);
  const std::int64_t end = std::int64_t{1} << 62;
  for (std::size_t rank = 0; rank < 4; ++rank) sink.span(span(0, 0, 0, end, rank));
  const Breakdown b = sink.finish(Time::picoseconds(end));
  CHECK(b.compute == Int128{4} * end);
  CHECK(b.mean_seconds(b.compute) == doctest::Approx(4611686.018427388));
}

namespace {

// Symmetric ranks of random ops with random waits on what came before: always finishes.
Program random_program() {
  const auto ops = *rc::gen::inRange(1, 14);
  Writer w({{"tensor", 2}, {"pipeline", 2}});
  w.group("tensor", {0}).group("data", {1});
  w.program.host_op = Duration::picoseconds(*rc::gen::inRange<std::int64_t>(0, 30));
  std::array<std::uint32_t, 4> counts{};
  // A rank sends in one half of the pipeline and receives in the other, so that messages don't wait in a circle.
  for (const std::uint32_t half : {0U, 1U}) {
    w.role("stage " + std::to_string(half));
    counts.fill(0);
    for (int i = 0; i < ops; ++i) {
      Writer::Waits waits;
      for (std::uint32_t stream = 1; stream < 4; ++stream)
        if (*rc::gen::inRange(0, 2) == 1) waits.push_back({stream, *rc::gen::inRange(0U, counts[stream] + 1)});
      const auto length = *rc::gen::inRange<std::int64_t>(0, 400);
      const auto stream = *rc::gen::inRange(2U, 4U);
      switch (*rc::gen::inRange(0, 5)) {
        case 0:
          w.collective(CollectiveKind::kAllReduce, 0, length, waits, stream);
          ++counts[stream];
          break;
        case 1:
          w.delay(length, waits, stream);
          ++counts[stream];
          break;
        case 2:
          w.host_sync(waits);
          break;
        default:
          w.kernels({{length / 4, length}, {3, 5}}, waits);
          ++counts[kCompute];
      }
    }
    const auto bytes = 100;
    if (half == 0) {
      w.send(1, 1, bytes, {{kCompute, counts[kCompute]}});
    } else {
      w.recv(1, -1, bytes).compute(50, {{kComm, counts[kComm] + 1}});
    }
  }
  return w.assign({0, 0, 1, 1}).program;
}

// Picosecond by picosecond: what a rank's ops were doing while its compute stream was not.
struct Plain {
  std::int64_t compute = 0;
  std::int64_t nothing = 0;       // no op of the rank was under way or waiting for partners
  std::int64_t communicates = 0;  // at least one transfer was under way
};
Plain plain_count(const Program& program, const std::vector<Span>& spans, std::int64_t end) {
  const std::size_t ranks = program.role_of_rank.size();
  const auto length = static_cast<std::size_t>(end);
  std::vector<std::vector<std::uint8_t>> states(ranks, std::vector<std::uint8_t>(length, 0));
  for (const Span& s : spans) {
    const Op& op = program.roles[program.role_of_rank[s.rank.index()]].ops[s.op];
    const bool transfer = op.kind == OpKind::kCollective || op.kind == OpKind::kSend || op.kind == OpKind::kRecv;
    for (std::int64_t t = s.ready.ps(); t < s.end.ps(); ++t) {
      std::uint8_t& state = states[s.rank.index()][static_cast<std::size_t>(t)];
      const unsigned bit = op.kind == OpKind::kCompute ? 1 : transfer && t >= s.begin.ps() ? 2 : 4;
      state = static_cast<std::uint8_t>(state | bit);
    }
  }
  Plain plain;
  for (const auto& rank : states) {
    for (const std::uint8_t state : rank) {
      if ((state & 1U) != 0) {
        ++plain.compute;
      } else if (state == 0) {
        ++plain.nothing;
      } else if ((state & 2U) != 0) {
        ++plain.communicates;
      }
    }
  }
  return plain;
}

}  // namespace

TEST_CASE("random programs on the engine: the parts sum, and agree with a count by picosecond") {
  CHECK(rc::check([] {
    const Program program = random_program();
    BreakdownSink sink(program);
    RunOptions options = bare();
    options.sinks.push_back(&sink);
    const Outcome outcome = run_on(star(4, 7), program, options);
    const std::int64_t end = outcome.result.step.ps();
    const Breakdown b = sink.finish(Time::picoseconds(end));
    RC_ASSERT(b.total() == Int128{4} * end);
    const Plain plain = plain_count(program, outcome.spans, end);
    RC_ASSERT(b.compute == plain.compute);
    // Exposed is only where a transfer was under way; the host, and the end of the step, account for all of nothing.
    RC_ASSERT(b.communication() <= plain.communicates);
    RC_ASSERT(b.host + b.bubble + b.skew >= plain.nothing);
    std::int64_t alone = 0;
    for (const std::uint32_t role : program.role_of_rank)
      for (const Op& op : program.roles[role].ops)
        if (op.kind == OpKind::kCompute) alone += program.segments[SegmentId(op.body)].duration.ps();
    RC_ASSERT(b.slowed == b.compute - alone);
  }));
}

TEST_CASE("waiting for a message among equals, who have a communicator of their own, is skew") {
  Writer w({{"tensor", 1}, {"context", 2}});
  w.group("context", {1});
  w.compute(10).recv(1, -1, 5).compute(10, {{kComm, 1}});
  BreakdownSink sink(w.program);
  for (const Span& one : {span(0, 0, 0, 10), span(1, 0, 15, 20), span(2, 20, 20, 30)}) sink.span(one);
  const Breakdown b = sink.finish(Time::picoseconds(30));
  CHECK(b.bubble == 0);
  CHECK(b.skew == 5 + 30);  // rank 1 does nothing
  CHECK(exposed(b, "context") == 5);
}
