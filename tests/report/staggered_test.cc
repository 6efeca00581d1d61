// Ranks that follow each other: a step lasts as long as the rank that takes longest from its first segment to its last
// op.
#include <doctest/doctest.h>

#include "sim/report/breakdown.h"
#include "tests/kernel/play.h"

using namespace orrery;
using namespace orrery::play;

namespace {

// Rank 0 computes, sends, and computes on; rank 1 waits for the message, then computes twice with a pause between.
Program two_ranks(bool staggered) {
  Writer w({{"stage", 2}});
  w.role("first").compute(100).send(0, 1, 10, {{kCompute, 1}}).compute(30);
  w.role("second").recv(0, -1, 10).compute(40, {{kComm, 1}}).delay(25, {{kCompute, 1}}).compute(40, {{kComm, 2}});
  w.assign({0, 1});
  w.program.staggered = staggered;
  return w.program;
}

}  // namespace

TEST_CASE("what came before a rank's first segment is no part of its step") {
  const Fabric fabric = star(2);
  // The message takes from 100 to 110, the second rank computes from 110 to 150 and from 175 to 215.
  CHECK(run_on(fabric, two_ranks(false)).result.step == Duration::picoseconds(215));
  CHECK(run_on(fabric, two_ranks(true)).result.step == Duration::picoseconds(130));  // of the first
}

TEST_CASE("of each rank's own step the parts sum to it") {
  const Fabric fabric = star(2);
  for (const bool staggered : {false, true}) {
    CAPTURE(staggered);
    const Program program = two_ranks(staggered);
    BreakdownSink sink(program);
    RunOptions options = bare();
    options.sinks.push_back(&sink);
    const Outcome outcome = run_on(fabric, program, options);
    const Breakdown breakdown = sink.finish(Time() + outcome.result.step);
    CHECK(breakdown.total() == 2 * outcome.result.step.ps());
    CHECK(breakdown.compute == 130 + 80);
    CHECK(breakdown.other == 25);  // the delay
    // Waits for the first message, and from a rank's last op to the end of its step: 100 + 85, or 0 + 25.
    CHECK(breakdown.bubble == (staggered ? 25 : 185));
    CHECK(breakdown.communication() == (staggered ? 0 : 10));
  }
}
