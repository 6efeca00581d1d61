// Ops on the streams of one rank, timed by hand.
#include "tests/kernel/play.h"

namespace orrery::play {

TEST_CASE("a segment alone takes just its duration") {
  for (const std::int64_t ps : {std::int64_t{1}, std::int64_t{999}, std::int64_t{123'456'789},
                                std::int64_t{7'000'000'000'001}, std::int64_t{1} << 58}) {
    for (const char* network : {"fluid", "ideal"}) {
      RunOptions options = bare();
      options.network = network;
      const Outcome outcome = run_on(star(1), Writer({}).compute(ps).program, options);
      CHECK(outcome.result.step.ps() == ps);
      CHECK(outcome.end(0, 0) == ps);
      CHECK(outcome.result.ops == 1);
    }
  }
}

TEST_CASE("a segment that the HBM holds back takes just its duration, rounded up though it was") {
  // 7 bytes a picosecond; 10⁹ + 1 bytes need 142 857 143.0 ps, rounded up from 142 857 143 − 6/7 + … = 142857143.
  const std::int64_t bytes = 1'000'000'001;
  const std::int64_t ps = (bytes + 6) / 7;
  CHECK(run_on(star(1, 0, 7), Writer({}).compute(ps, {}, bytes).program).result.step.ps() == ps);
  // Rounded to nearest a duration may be shorter than the HBM allows, by less than a picosecond a kernel.
  CHECK(run_on(star(1, 0, 7), Writer({}).compute(bytes / 7, {}, bytes).program).result.step.ps() == bytes / 7);
}

TEST_CASE("an empty program ends at once") {
  const Outcome outcome = run_on(star(2), Writer({{"tp", 2}}).role("idle").program);
  CHECK(outcome.result.step.ps() == 0);
  CHECK(outcome.result.ops == 0);
  CHECK(outcome.result.events == 0);
}

TEST_CASE("a stream runs its ops one after another, streams run side by side") {
  const Outcome outcome =
      run_on(star(1), Writer({}).compute(100).compute(30).delay(50).delay(7).delay(60, {}, kMore).program);
  CHECK(outcome.end(0, 0) == 100);
  CHECK(outcome.begin(0, 1) == 100);
  CHECK(outcome.end(0, 1) == 130);
  CHECK(outcome.end(0, 2) == 50);
  CHECK(outcome.end(0, 3) == 57);
  CHECK(outcome.end(0, 4) == 60);
  CHECK(outcome.result.step.ps() == 130);
  for (std::uint32_t op = 0; op < 2; ++op) CHECK(outcome.cause(0, op) == kCompute);
}

TEST_CASE("an op waits for counts on other streams, and says which came last") {
  const Outcome outcome = run_on(star(1), Writer({})
                                              .compute(100)                               // 0:   0 … 100
                                              .delay(50)                                  // 1:   0 … 50
                                              .delay(20)                                  // 2:  50 … 70
                                              .delay(80, {}, kMore)                       // 3:   0 … 80
                                              .delay(5, {{kComm, 2}, {kMore, 1}}, kMore)  // 4:  80 … 85
                                              .delay(5, {{kCompute, 1}, {kComm, 1}})      // 5: 100 … 105
                                              .compute(10, {{kMore, 2}, {kComm, 3}})      // 6: 105 … 115
                                              .program);
  CHECK(outcome.ready(0, 4) == 80);
  CHECK(outcome.cause(0, 4) == kMore);
  CHECK(outcome.ready(0, 5) == 100);
  CHECK(outcome.cause(0, 5) == kCompute);
  CHECK(outcome.ready(0, 6) == 105);
  CHECK(outcome.cause(0, 6) == kComm);
  CHECK(outcome.result.step.ps() == 115);
}

TEST_CASE("a wait may name an op that stands later in the queue") {
  const Outcome outcome = run_on(star(1), Writer({}).compute(10, {{kComm, 1}}).delay(40).program);
  CHECK(outcome.begin(0, 0) == 40);
  CHECK(outcome.result.step.ps() == 50);
}

TEST_CASE("ops that take no time end when they are ready, however many there are") {
  Writer writer({});
  writer.compute(10);
  for (int i = 0; i < 100'000; ++i) writer.compute(0).delay(0, {{kCompute, 1}});
  const Outcome outcome = run_on(star(1), writer.program);
  CHECK(outcome.result.step.ps() == 10);
  CHECK(outcome.result.ops == 200'001);
  CHECK(outcome.begin(0, 200'000) == 10);
}

}  // namespace orrery::play
