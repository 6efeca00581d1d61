// Programs that can't finish, and the whole text that says why.
#include "tests/kernel/play.h"

namespace orrery::play {

TEST_CASE("a receive whose send never comes") {
  const Program program = Writer({{"pp", 2}})
                              .role("stage 0")
                              .compute(1'000'000)
                              .send(0, 1, 100)
                              .as("activations", 2)
                              .role("stage 1")
                              .recv(0, -1, 100)
                              .as("activations", 2)
                              .recv(0, -1, 100)
                              .as("activations", 3)
                              .compute(5, {{kComm, 2}})
                              .as("fwd", 3)
                              .assign({0, 1})
                              .program;
  CHECK(failure(star(2), program) ==
        "the run can't finish: after 1.00 us nothing moves; 3 of 5 ops are done, 2 streams of 1 rank can't go on:\n"
        "  rank 1 (stage 1): recv 'activations microbatch 3' on stream 'comm' waits for a send from rank 0 on channel "
        "0, which never comes\n"
        "  rank 1 (stage 1): compute 'fwd microbatch 3' on stream 'compute' waits for op 2 of stream 'comm' (recv "
        "'activations microbatch 3')");
}

TEST_CASE("a send on the wrong channel") {
  const Program program = Writer({{"pp", 2}})
                              .role("a")
                              .send(0, 1, 100, {}, kComm, 4)
                              .role("b")
                              .recv(0, -1, 100, {}, kMore, 5)
                              .assign({0, 1})
                              .program;
  CHECK(failure(star(2), program) ==
        "the run can't finish: after 0 s nothing moves; 0 of 2 ops are done, 2 streams of 2 ranks can't go on:\n"
        "  rank 0 (a): send 'op 0' on stream 'comm' waits for a recv by rank 1 on channel 4, which never comes\n"
        "  rank 1 (b): recv 'op 0' on stream 'more' waits for a send from rank 0 on channel 5, which never comes");
}

TEST_CASE("two ranks that each receive before they send") {
  const Program program = Writer({{"pp", 2}}).recv(0, 1, 100).send(0, 1, 100).program;
  CHECK(failure(star(2), program) ==
        "the run can't finish: after 0 s nothing moves; 0 of 4 ops are done, 2 streams of 2 ranks can't go on:\n"
        "  rank 0 (all): recv 'op 0' on stream 'comm' waits for a send from rank 1 on channel 0\n"
        "  rank 1 (all): recv 'op 0' on stream 'comm' waits for a send from rank 0 on channel 0");
}

TEST_CASE("a member that never comes") {
  const Program program = Writer({{"dp", 4}})
                              .group("data", {0})
                              .role("right")
                              .collective(CollectiveKind::kAllReduce, 0, 64)
                              .as("gradients")
                              .role("idle")
                              .assign({0, 0, 1, 1})
                              .program;
  CHECK(failure(star(4), program) ==
        "the run can't finish: after 0 s nothing moves; 0 of 2 ops are done, 2 streams of 2 ranks can't go on:\n"
        "  rank 0 (right): all_reduce 'gradients' on stream 'comm', with 2 of the 4 members of group 'data', waits for "
        "ranks 2, 3, which never come");
}

TEST_CASE("two groups entered in opposite orders") {
  const Program program = Writer({{"dp", 2}})
                              .group("a", {0})
                              .group("b", {0})
                              .role("a first")
                              .collective(CollectiveKind::kAllReduce, 0, 64)
                              .collective(CollectiveKind::kAllReduce, 1, 64)
                              .role("b first")
                              .collective(CollectiveKind::kAllReduce, 1, 64)
                              .collective(CollectiveKind::kAllReduce, 0, 64)
                              .assign({0, 1})
                              .program;
  CHECK(
      failure(star(2), program) ==
      "the run can't finish: after 0 s nothing moves; 0 of 4 ops are done, 2 streams of 2 ranks can't go on:\n"
      "  rank 0 (a first): all_reduce 'op 0' on stream 'comm', with 1 of the 2 members of group 'a', waits for rank 1\n"
      "  rank 1 (b first): all_reduce 'op 0' on stream 'comm', with 1 of the 2 members of group 'b', waits for rank "
      "0");
}

TEST_CASE("ops that wait for each other") {
  const Program program = Writer({}).compute(10).compute(10, {{kComm, 1}}).delay(5, {{kCompute, 2}}).program;
  CHECK(failure(star(1), program) ==
        "the run can't finish: after 10 ps nothing moves; 1 of 3 ops are done, 2 streams of 1 rank can't go on:\n"
        "  rank 0 (all): compute 'op 1' on stream 'compute' waits for op 1 of stream 'comm' (delay 'op 2')\n"
        "  rank 0 (all): delay 'op 2' on stream 'comm' waits for op 2 of stream 'compute' (compute 'op 1')");
}

TEST_CASE("an op that waits for itself, and one behind a host sync that waits for it") {
  CHECK(failure(star(1), Writer({}).delay(5, {{kComm, 1}}).program) ==
        "the run can't finish: after 0 s nothing moves; 0 of 1 ops are done, 1 stream of 1 rank can't go on:\n"
        "  rank 0 (all): delay 'op 0' on stream 'comm' waits for op 1 of stream 'comm' (delay 'op 0')");
  CHECK(failure(star(1), Writer({}).host_sync({{kComm, 1}}).delay(5).program) ==
        "the run can't finish: after 0 s nothing moves; 0 of 2 ops are done, 2 streams of 1 rank can't go on:\n"
        "  rank 0 (all): host sync 'op 0' on stream 'host' waits for op 1 of stream 'comm' (delay 'op 1')\n"
        "  rank 0 (all): delay 'op 1' on stream 'comm' waits for op 1 of stream 'host' (host sync 'op 0')");
}

TEST_CASE("a link that has failed") {
  Fabric fabric = star(3);
  for (std::size_t l = 0; l < fabric.links().size(); ++l) {
    Link& link = fabric.link(LinkId(l));
    if (link.from == fabric.engine(ChipId(1)) && link.kind != LinkKind::kOnPackage) link.bandwidth = Bandwidth();
  }
  SUBCASE("a message over it") {
    const Program program = Writer({{"pp", 3}})
                                .role("source")
                                .send(0, 1, 100)
                                .role("sink")
                                .recv(0, -1, 100)
                                .role("idle")
                                .assign({2, 0, 1})
                                .program;
    CHECK(
        failure(fabric, program) ==
        "the run can't finish: after 0 s nothing moves; 0 of 2 ops are done, 2 streams of 2 ranks can't go on:\n"
        "  rank 1 (source): send 'op 0' on stream 'comm' is under way but stands still: the link from chip1 to switch "
        "has no bandwidth");
  }
  for (const Granularity granularity : {Granularity::kFluid, Granularity::kStepwise}) {
    RunOptions options = bare();
    options.granularity = granularity;
    const Program program =
        Writer({{"tp", 3}}).group("tensor", {0}).collective(CollectiveKind::kAllReduce, 0, 300).as("sum").program;
    const std::string text = failure(fabric, program, options);
    CHECK(
        text.find("rank 0 (all): all_reduce 'sum' on stream 'comm' is under way but stands still: the link from chip1 "
                  "to switch has no bandwidth") != std::string::npos);
    CHECK(text.find("0 of 3 ops are done, 3 streams of 3 ranks can't go on") != std::string::npos);
  }
}

TEST_CASE("a thousand ranks that wait are eight lines, causes first") {
  // All receive from the rank before, nobody sends; rank 999 waits within itself.
  std::vector<std::uint32_t> roles(1000, 0);
  roles[999] = 1;
  const Program program = Writer({{"pp", 1000}})
                              .role("waits")
                              .compute(1, {{kComm, 1}})
                              .recv(0, -1, 100)
                              .role("cycle")
                              .compute(1, {{kComm, 1}})
                              .delay(1, {{kCompute, 1}})
                              .assign(roles)
                              .program;
  const std::string text = failure(star(1000), program);
  CHECK(
      text.substr(0, text.find('\n')) ==
      "the run can't finish: after 0 s nothing moves; 0 of 2000 ops are done, 2000 streams of 1000 ranks can't go on:");
  CHECK(std::count(text.begin(), text.end(), '\n') == 8);
  CHECK(text.find("\n  rank 0 (waits): recv 'op 1' on stream 'comm' waits for a send from rank 999 on channel 0, which "
                  "never comes\n  rank 1 (waits): recv") != std::string::npos);
}

TEST_CASE("a step longer than the clock") {
  // 12 days, eight times, is too long for a role; spread over ranks that wait for each other it's found by the clock.
  const std::int64_t day = 86'400'000'000'000'000;
  const Program program = Writer({{"pp", 6}})
                              .role("first")
                              .compute(12 * day)
                              .send(0, 1, 1, {{kCompute, 1}})
                              .role("next")
                              .recv(0, -1, 1)
                              .compute(12 * day, {{kComm, 1}})
                              .send(0, 1, 1, {{kCompute, 1}})
                              .role("last")
                              .recv(0, -1, 1)
                              .assign({0, 1, 1, 1, 1, 2})
                              .program;
  CHECK(failure(star(6), program) == "the step lasts longer than 53 days");
}

}  // namespace orrery::play
