// Sends and receives: who meets whom, when it begins, and what doesn't match.
#include "tests/kernel/play.h"

namespace orrery::play {

TEST_CASE("a transfer begins when both are ready and ends for both when it has arrived") {
  Writer writer({{"pp", 2}});
  writer.role("sender")
      .compute(300)
      .send(0, 1, 1000, {{kCompute, 1}})
      .compute(1, {{kComm, 1}})
      .role("receiver")
      .recv(0, -1, 1000)
      .compute(1, {{kComm, 1}})
      .assign({0, 1});
  RunOptions options = bare();
  options.costs.launch = Duration::picoseconds(70);
  options.costs.step = Duration::picoseconds(9);
  for (const Granularity granularity : {Granularity::kFluid, Granularity::kStepwise}) {
    options.granularity = granularity;
    const Outcome outcome = run_on(star(2, 50), writer.program, options);
    const std::int64_t end = 300 + 70 + 9 + 2 * 50 + 1000;
    CHECK(outcome.ready(1, 0) == 0);
    CHECK(outcome.begin(1, 0) == 300);
    CHECK(outcome.begin(0, 1) == 300);
    CHECK(outcome.end(0, 1) == end);
    CHECK(outcome.end(1, 0) == end);
    CHECK(outcome.result.step.ps() == end + 1);
  }
}

TEST_CASE("a ring of ranks may send and receive at once") {
  const Program program = Writer({{"pp", 4}}).send(0, 1, 1000).recv(0, -1, 1000, {}, kMore).program;
  CHECK(run_on(star(4), program).result.step.ps() == 1000);
}

TEST_CASE("the way round doesn't matter: with two stages the next is the one before") {
  // Stage 0 sends to the next, stage 1 receives from "two before the one before": the same rank.
  const Program program =
      Writer({{"pp", 2}}).role("first").send(0, 1, 1000).role("last").recv(0, -3, 1000).assign({0, 1}).program;
  CHECK(run_on(star(2), program).result.step.ps() == 1000);
}

TEST_CASE("channels keep messages apart") {
  // The first send is on channel 7 and starts at once, though the receiver asks for channel 8 first.
  const Program program = Writer({{"pp", 2}})
                              .role("sender")
                              .send(0, 1, 1000, {}, kComm, 7)
                              .compute(5000)
                              .send(0, 1, 500, {{kCompute, 1}}, kMore, 8)
                              .role("receiver")
                              .recv(0, -1, 500, {}, kComm, 8)
                              .recv(0, -1, 1000, {}, kMore, 7)
                              .assign({0, 1})
                              .program;
  const Outcome outcome = run_on(star(2), program);
  CHECK(outcome.end(1, 1) == 1000);
  CHECK(outcome.end(1, 0) == 5500);
}

TEST_CASE("on one channel the k-th send meets the k-th receive, whatever their streams") {
  // Rank 1's second receive is ready first; it waits for the second send.
  const Program program = Writer({{"pp", 2}})
                              .role("sender")
                              .send(0, 1, 100)
                              .send(0, 1, 200)
                              .role("receiver")
                              .compute(1000)
                              .recv(0, -1, 100, {{kCompute, 1}})
                              .recv(0, -1, 200, {}, kMore)
                              .assign({0, 1})
                              .program;
  const Outcome outcome = run_on(star(2), program);
  CHECK(outcome.begin(1, 1) == 1000);
  CHECK(outcome.end(1, 1) == 1100);
  CHECK(outcome.begin(1, 2) == 1100);
  CHECK(outcome.end(1, 2) == 1300);
}

TEST_CASE("a message to oneself is there at once") {
  const Program program =
      Writer({{"pp", 1}}).compute(10).send(0, 1, 1000, {{kCompute, 1}}).recv(0, -1, 1000, {}, kMore).program;
  const Outcome outcome = run_on(star(1), program);
  CHECK(outcome.end(0, 1) == 10);
  CHECK(outcome.end(0, 2) == 10);
}

TEST_CASE("a message of nothing takes the latency") {
  const Program program = Writer({{"pp", 2}}).role("a").send(0, 1, 0).role("b").recv(0, 1, 0).assign({0, 1}).program;
  CHECK(run_on(star(2, 50), program).result.step.ps() == 100);
}

TEST_CASE("send and receive must agree on the size") {
  const Program program = Writer({{"pp", 2}})
                              .role("stage 0")
                              .send(0, 1, 1000)
                              .as("activations", 2)
                              .role("stage 1")
                              .recv(0, -1, 999)
                              .as("activations", 2)
                              .assign({0, 1})
                              .program;
  CHECK(failure(star(2), program) ==
        "a send and its receive differ in size: rank 0 (stage 0): send 'activations microbatch 2' on stream 'comm' is "
        "of 1000 bytes; rank 1 (stage 1): recv 'activations microbatch 2' on stream 'comm' is of 999 bytes");
}

}  // namespace orrery::play
