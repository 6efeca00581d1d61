// The host queues ops in order and may be late: max-plus times by hand, and kernel by kernel.
#include "tests/kernel/play.h"

namespace orrery::play {

TEST_CASE("a device that outruns its host waits for each kernel") {
  // Queued at 10, 20, 30; each takes 4: ends at 14, 24, 34.
  const Outcome one = run_on(star(1), Writer({}).kernels({{10, 4}, {10, 4}, {10, 4}}).program);
  CHECK(one.result.step.ps() == 34);
  CHECK(one.ready(0, 0) == 22);  // so that it ends at 34 and takes 12
  CHECK(one.begin(0, 0) == 22);
  CHECK(one.cause(0, 0) == kHost);
  const Outcome three = run_on(star(1), Writer({}).kernels({{10, 4}}).kernels({{10, 4}}).kernels({{10, 4}}).program);
  CHECK(three.end(0, 0) == 14);
  CHECK(three.end(0, 1) == 24);
  CHECK(three.end(0, 2) == 34);
}

TEST_CASE("a host that runs ahead holds nothing back but the first kernel") {
  // Queued at 2, 4, 6: 2 … 12 … 22 … 32.
  const Outcome one = run_on(star(1), Writer({}).kernels({{2, 10}, {2, 10}, {2, 10}}).program);
  CHECK(one.result.step.ps() == 32);
  const Outcome three = run_on(star(1), Writer({}).kernels({{2, 10}}).kernels({{2, 10}}).kernels({{2, 10}}).program);
  CHECK(three.result.step.ps() == 32);
  CHECK(three.cause(0, 0) == kHost);
  CHECK(three.cause(0, 1) == kCompute);
}

TEST_CASE("one long kernel hides the queueing of what follows it") {
  // Queued at 5, 10, 15; kernels of 1, 20, 1: 5 … 6, 10 … 30, 30 … 31.
  CHECK(run_on(star(1), Writer({}).kernels({{5, 1}, {5, 20}, {5, 1}}).program).result.step.ps() == 31);
}

TEST_CASE("communication ops cost the host too, in the order of queueing") {
  Writer writer({});
  writer.group("alone", {});
  writer.program.host_op = Duration::picoseconds(7);
  writer
      .kernels({{10, 1}})                              // queued at 10
      .collective(CollectiveKind::kAllReduce, 0, 64)   // queued at 17
      .delay(3, {}, kMore)                             // costs nothing: queued at 17
      .kernels({{10, 1}})                              // queued at 27
      .collective(CollectiveKind::kAllReduce, 0, 64);  // queued at 34
  const Outcome outcome = run_on(star(1), writer.program);
  CHECK(outcome.end(0, 0) == 11);
  CHECK(outcome.ready(0, 1) == 17);
  CHECK(outcome.cause(0, 1) == kHost);
  CHECK(outcome.end(0, 1) == 17);  // a group of one is done at once
  CHECK(outcome.begin(0, 2) == 17);
  CHECK(outcome.end(0, 2) == 20);
  CHECK(outcome.end(0, 3) == 28);
  CHECK(outcome.end(0, 4) == 34);
}

TEST_CASE("a host sync waits, and the host goes on from there") {
  const Outcome outcome = run_on(star(1), Writer({})
                                              .kernels({{10, 100}})        // 0: 10 … 110
                                              .kernels({{10, 1}})          // 1: queued at 20, 110 … 111
                                              .host_sync({{kCompute, 1}})  // 2: 110
                                              .kernels({{10, 5}})          // 3: queued at 120: 120 … 125
                                              .host_sync()                 // 4: 120: all is queued
                                              .kernels({{2, 5}})           // 5: queued at 122: 125 … 130
                                              .program);
  CHECK(outcome.end(0, 1) == 111);
  CHECK(outcome.end(0, 2) == 110);
  CHECK(outcome.cause(0, 2) == kCompute);
  CHECK(outcome.end(0, 3) == 125);
  CHECK(outcome.begin(0, 3) == 120);
  CHECK(outcome.cause(0, 3) == kHost);
  CHECK(outcome.end(0, 4) == 120);
  CHECK(outcome.cause(0, 4) == kHost);
  CHECK(outcome.begin(0, 5) == 125);
  CHECK(outcome.end(0, 5) == 130);
}

TEST_CASE("nothing after a host sync starts before it, even on an idle stream") {
  const Outcome outcome =
      run_on(star(1), Writer({}).compute(100).host_sync({{kCompute, 1}}).delay(5).delay(5, {}, kMore).program);
  CHECK(outcome.begin(0, 2) == 100);
  CHECK(outcome.cause(0, 2) == kHost);
  CHECK(outcome.begin(0, 3) == 100);
}

TEST_CASE("an op of an earlier epoch that starts late isn't held back by the later one") {
  // The delay is over at 50, the sync at 50; the segments of both epochs run 50 … 60 … 70 with the host at 50 + 3.
  const Outcome outcome =
      run_on(star(1),
             Writer({}).delay(50).kernels({{3, 10}}, {{kComm, 1}}).host_sync({{kComm, 1}}).kernels({{3, 10}}).program);
  CHECK(outcome.begin(0, 1) == 50);
  CHECK(outcome.end(0, 1) == 60);
  CHECK(outcome.begin(0, 3) == 60);
  CHECK(outcome.end(0, 3) == 70);
}

}  // namespace orrery::play
