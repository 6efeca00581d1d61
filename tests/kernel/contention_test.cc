// Compute and communication on one HBM or engine, with the algebra written out.
#include "tests/kernel/play.h"

namespace orrery::play {

namespace {

// One sender that computes, one idle receiver. Links: 1 byte/ps = B.
Program overlap(std::int64_t segment_ps, std::int64_t segment_bytes, std::int64_t message_bytes) {
  return Writer({{"pp", 2}})
      .role("busy")
      .compute(segment_ps, {}, segment_bytes)
      .send(0, 1, message_bytes)
      .role("idle")
      .recv(0, -1, message_bytes)
      .assign({0, 1})
      .program;
}

}  // namespace

TEST_CASE("a segment and a transfer that both need the HBM lose the same fraction") {
  // HBM C = 2 bytes/ps. The segment (3000 ps, 6000 bytes) draws 2 bytes/ps at full speed, the transfer 1 byte/ps.
  // Both weigh the same at full speed; let each run at fraction f: 2f + 1f = 2, f = 2/3.
  // Transfer, 1500 bytes: 1500 / (2/3) = 2250 ps. The segment has done 1500 of 3000 ps by then and ends at 3750.
  RunOptions options = bare();
  options.costs.hbm_per_byte = 1;
  const Outcome outcome = run_on(star(2, 0, 2), overlap(3000, 6000, 1500), options);
  CHECK(outcome.end(0, 1) == 2250);
  CHECK(outcome.end(1, 0) == 2250);
  CHECK(outcome.end(0, 0) == 3750);
}

TEST_CASE("an HBM that has enough for both holds nobody back") {
  RunOptions options = bare();
  options.costs.hbm_per_byte = 1;
  const Outcome outcome = run_on(star(2, 0, 3), overlap(3000, 6000, 1500), options);
  CHECK(outcome.end(0, 1) == 1500);
  CHECK(outcome.end(0, 0) == 3000);
}

TEST_CASE("without contention the ideal network and the fluid one agree; with it ideal is faster") {
  RunOptions options = bare();
  options.network = "ideal";
  options.costs.hbm_per_byte = 1;
  const Outcome outcome = run_on(star(2, 0, 2), overlap(3000, 6000, 1500), options);
  CHECK(outcome.end(0, 1) == 1500);
  CHECK(outcome.end(0, 0) == 3000);
}

TEST_CASE("a collective that takes a share of the engine slows the segment beside it") {
  // The gather of 2 × 1200 bytes takes 1200 ps alone and a quarter of each engine while it runs. Fractions of full
  // speed f: f + f/4 = 1, f = 4/5: the gather ends at 1500, when the segment has done 1200 of its 3000 ps: 3300.
  RunOptions options = bare();
  options.costs.engine_share = 0.25;
  const Program program =
      Writer({{"tp", 2}}).group("tensor", {0}).compute(3000).collective(CollectiveKind::kAllGather, 0, 2400).program;
  const Outcome outcome = run_on(star(2), program, options);
  CHECK(outcome.end(0, 1) == 1500);
  CHECK(outcome.end(1, 0) == 3300);
}

TEST_CASE("two transfers into one chip share its link") {
  // Ranks 1 and 2 send 1000 and 600 bytes to rank 0: half speed until 1200, then the rest of the first, 400, alone.
  const Program program = Writer({{"pp", 3}})
                              .role("sink")
                              .recv(0, 1, 1000)
                              .recv(0, 2, 600, {}, kMore)
                              .role("one")
                              .send(0, -1, 1000)
                              .role("two")
                              .send(0, -2, 600)
                              .assign({0, 1, 2})
                              .program;
  const Outcome outcome = run_on(star(3), program);
  CHECK(outcome.end(2, 0) == 1200);
  CHECK(outcome.end(1, 0) == 1600);
}

}  // namespace orrery::play
