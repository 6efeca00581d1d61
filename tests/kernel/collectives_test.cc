// Collectives through the engine: closed forms in both granularities, members that come at different times.
#include "tests/kernel/play.h"

namespace orrery::play {

namespace {

constexpr std::int64_t kLatency = 500;  // of a link; two lie between chips

RunOptions in(Granularity granularity) {
  RunOptions options = bare();
  options.granularity = granularity;
  options.costs.launch = Duration::picoseconds(10'000);
  options.costs.step = Duration::picoseconds(200);
  return options;
}

}  // namespace

TEST_CASE("ring all-reduce, all-gather and reduce-scatter keep their closed forms in both granularities") {
  for (const Granularity granularity : {Granularity::kFluid, Granularity::kStepwise}) {
    for (const std::int64_t n : {2, 3, 8}) {
      const auto chips = static_cast<std::uint32_t>(n);
      const std::int64_t bytes = n * 1'000'000;
      const auto alone = [&](CollectiveKind kind) {
        const Program program = Writer({{"tp", chips}}).group("tensor", {0}).collective(kind, 0, bytes).program;
        return run_on(star(chips, kLatency), program, in(granularity)).result.step.ps();
      };
      const std::int64_t step = bytes / n + 2 * kLatency + 200;  // a byte a picosecond
      CHECK(alone(CollectiveKind::kAllReduce) == 10'000 + 2 * (n - 1) * step);
      CHECK(alone(CollectiveKind::kAllGather) == 10'000 + (n - 1) * step);
      CHECK(alone(CollectiveKind::kReduceScatter) == 10'000 + (n - 1) * step);
    }
  }
}

TEST_CASE("a collective begins when the last member is ready") {
  for (const Granularity granularity : {Granularity::kFluid, Granularity::kStepwise}) {
    const Program program = Writer({{"tp", 2}})
                                .group("tensor", {0})
                                .role("early")
                                .compute(100)
                                .collective(CollectiveKind::kAllGather, 0, 2000, {{kCompute, 1}})
                                .compute(10, {{kComm, 1}})
                                .role("late")
                                .compute(700)
                                .collective(CollectiveKind::kAllGather, 0, 2000, {{kCompute, 1}})
                                .compute(10, {{kComm, 1}})
                                .assign({0, 1})
                                .program;
    RunOptions options = bare();
    options.granularity = granularity;
    const Outcome outcome = run_on(star(2), program, options);
    CHECK(outcome.ready(0, 1) == 100);
    CHECK(outcome.begin(0, 1) == 700);
    CHECK(outcome.ready(1, 1) == 700);
    CHECK(outcome.begin(1, 1) == 700);
    CHECK(outcome.end(0, 1) == 1700);
    CHECK(outcome.end(1, 1) == 1700);
    CHECK(outcome.cause(0, 2) == kComm);
    CHECK(outcome.result.step.ps() == 1710);
  }
}

TEST_CASE("collectives of one group follow each other; those of two groups overlap") {
  // Ring of two, 1000 bytes each way a gather: the two groups share each chip's links.
  const Program shared = Writer({{"tp", 2}})
                             .group("a", {0})
                             .group("b", {0})
                             .collective(CollectiveKind::kAllGather, 0, 2000)
                             .collective(CollectiveKind::kAllGather, 1, 2000, {}, kMore)
                             .program;
  CHECK(run_on(star(2), shared).result.step.ps() == 2000);
  const Program apart = Writer({{"tp", 2}})
                            .group("a", {0})
                            .collective(CollectiveKind::kAllGather, 0, 2000)
                            .collective(CollectiveKind::kAllGather, 0, 4000)
                            .program;
  const Outcome outcome = run_on(star(2), apart);
  CHECK(outcome.end(0, 0) == 1000);
  CHECK(outcome.end(1, 1) == 3000);
}

TEST_CASE("one group on two streams: the k-th still meets the k-th") {
  // Rank 0 has its second on a stream of its own; rank 1 runs both on one.
  const Program program = Writer({{"tp", 2}})
                              .group("tensor", {0})
                              .role("two streams")
                              .compute(500)
                              .collective(CollectiveKind::kAllGather, 0, 2000, {{kCompute, 1}})
                              .collective(CollectiveKind::kAllGather, 0, 4000, {}, kMore)
                              .role("one stream")
                              .collective(CollectiveKind::kAllGather, 0, 2000)
                              .collective(CollectiveKind::kAllGather, 0, 4000)
                              .assign({0, 1})
                              .program;
  const Outcome outcome = run_on(star(2), program);
  CHECK(outcome.ready(0, 2) == 0);
  CHECK(outcome.begin(0, 1) == 500);
  CHECK(outcome.end(0, 1) == 1500);
  CHECK(outcome.begin(0, 2) == 1500);
  CHECK(outcome.end(0, 2) == 3500);
}

TEST_CASE("a group of one is done at once, and takes no number from anyone") {
  const Program program = Writer({{"tp", 1}, {"dp", 2}})
                              .group("tensor", {0})
                              .compute(10)
                              .collective(CollectiveKind::kAllReduce, 0, 1'000'000, {{kCompute, 1}})
                              .compute(5, {{kComm, 1}})
                              .program;
  const Outcome outcome = run_on(star(2), program, in(Granularity::kFluid));
  CHECK(outcome.end(0, 1) == 10);
  CHECK(outcome.result.step.ps() == 15);
}

TEST_CASE("nothing to reduce still costs launch and steps") {
  for (const Granularity granularity : {Granularity::kFluid, Granularity::kStepwise}) {
    const Program program =
        Writer({{"tp", 4}}).group("tensor", {0}).collective(CollectiveKind::kAllReduce, 0, 0).program;
    CHECK(run_on(star(4, kLatency), program, in(granularity)).result.step.ps() ==
          10'000 + 2 * 3 * (2 * kLatency + 200));
  }
}

TEST_CASE("stepwise, a member goes on when its own messages have arrived") {
  // Pipelined or not, a broadcast of few bytes leaves its root first: the root is done before the last member is.
  const Program program = Writer({{"tp", 3}})
                              .group("tensor", {0})
                              .collective(CollectiveKind::kBroadcast, 0, 3000)
                              .compute(1, {{kComm, 1}})
                              .program;
  RunOptions options = bare();
  options.granularity = Granularity::kStepwise;
  const Outcome outcome = run_on(star(3), program, options);
  CHECK(outcome.end(0, 0) < outcome.end(2, 0));
  CHECK(outcome.begin(0, 1) == outcome.end(0, 0));
  CHECK(outcome.begin(2, 1) == outcome.end(2, 0));
}

TEST_CASE("members must agree on what they run") {
  Writer writer({{"tp", 3}});
  writer.group("tensor", {0})
      .role("right")
      .collective(CollectiveKind::kAllReduce, 0, 64)
      .collective(CollectiveKind::kAllReduce, 0, 64)
      .as("sum", 4)
      .role("wrong")
      .collective(CollectiveKind::kAllReduce, 0, 64)
      .assign({0, 0, 1});
  SUBCASE("kind") {
    writer.collective(CollectiveKind::kAllGather, 0, 64).as("gather", 4);
    CHECK(failure(star(3), writer.program) ==
          "members of group 'tensor' disagree on their collective 2: rank 0 (right) runs all_reduce 'sum microbatch 4' "
          "on stream 'comm' (64 bytes, ring); rank 2 (wrong) runs all_gather 'gather microbatch 4' on stream 'comm' "
          "(64 bytes, ring)");
  }
  SUBCASE("size") {
    writer.collective(CollectiveKind::kAllReduce, 0, 65).as("sum", 4);
    CHECK(failure(star(3), writer.program) ==
          "members of group 'tensor' disagree on their collective 2: rank 0 (right) runs all_reduce 'sum microbatch 4' "
          "on stream 'comm' (64 bytes, ring); rank 2 (wrong) runs all_reduce 'sum microbatch 4' on stream 'comm' (65 "
          "bytes, ring)");
  }
  SUBCASE("algorithm") {
    writer.collective(CollectiveKind::kAllReduce, 0, 64).as("sum", 4);
    writer.program.collectives.back().algorithm = 1;
    CHECK(failure(star(3), writer.program) ==
          "members of group 'tensor' disagree on their collective 2: rank 0 (right) runs all_reduce 'sum microbatch 4' "
          "on stream 'comm' (64 bytes, ring); rank 2 (wrong) runs all_reduce 'sum microbatch 4' on stream 'comm' (64 "
          "bytes, direct)");
  }
}

}  // namespace orrery::play
