// Each wrong Program is refused before it runs, in words that say where it is wrong.
#include <doctest/doctest.h>

#include "sim/base/error.h"
#include "tests/kernel/writer.h"

namespace orrery::play {

namespace {

std::string verdict(const Program& program) {
  try {
    validate(program);
  } catch (const RunError& error) {
    return error.what();
  }
  return "right";
}

// A program that is right, to be spoilt.
Program right() {
  return Writer({{"tp", 2}, {"pp", 2}})
      .group("tensor", {0})
      .group("ends", {1}, {0, 1})
      .role("stage")
      .compute(100, {}, 10)
      .as("fwd")
      .collective(CollectiveKind::kAllReduce, 0, 64, {{kCompute, 1}})
      .as("sum")
      .delay(5)
      .send(1, 1, 8, {}, kMore)
      .recv(1, -1, 8, {}, kMore)
      .host_sync({{kComm, 2}})
      .program;
}

}  // namespace

TEST_CASE("a right program is right") { CHECK(verdict(right()) == "right"); }

TEST_CASE("grid, streams and roles are checked") {
  Program program = right();
  SUBCASE("a dimension of nothing") {
    program.grid.dimensions[1].size = 0;
    CHECK(verdict(program) == "the program is wrong: grid dimension 'pp' has size 0");
  }
  SUBCASE("more ranks than can be numbered, without overflow") {
    for (int i = 0; i < 9; ++i) program.grid.dimensions.push_back({"more", 4'000'000'000U});
    CHECK(verdict(program) == "the program is wrong: its grid has more than 1073741824 ranks");
  }
  SUBCASE("too few streams") {
    program.streams.resize(1);
    CHECK(verdict(program) == "the program is wrong: it needs at least the streams 'host' and 'compute'");
  }
  SUBCASE("too many streams") {
    program.streams.resize(70'000);
    CHECK(verdict(program) == "the program is wrong: 4 ranks with 70000 streams each are too many");
  }
  SUBCASE("ranks without a role") {
    program.role_of_rank.pop_back();
    CHECK(verdict(program) == "the program is wrong: 3 ranks have a role, the grid has 4");
  }
  SUBCASE("a role that isn't there") {
    program.role_of_rank[2] = 1;
    CHECK(verdict(program) == "the program is wrong: rank 2 has role 1 of 1");
  }
}

TEST_CASE("groups are checked") {
  Program program = right();
  SUBCASE("dimension out of range") {
    program.groups[0].dimensions = {2};
    CHECK(verdict(program) == "the program is wrong: group 'tensor' has dimension 2 of 2");
  }
  SUBCASE("dimension twice") {
    program.groups[0].dimensions = {0, 0};
    CHECK(verdict(program) == "the program is wrong: group 'tensor' names a dimension twice");
  }
  SUBCASE("listed members of two dimensions") {
    program.groups[1].dimensions = {0, 1};
    CHECK(verdict(program) == "the program is wrong: group 'ends' lists members, so it must have one dimension, not 2");
  }
  SUBCASE("listed member out of range") {
    program.groups[1].only = {0, 2};
    CHECK(verdict(program) == "the program is wrong: group 'ends' lists member 2 of 2");
  }
  SUBCASE("listed twice") {
    program.groups[1].only = {1, 1};
    CHECK(verdict(program) == "the program is wrong: group 'ends' lists a member twice");
  }
  SUBCASE("communicators listed by member") {
    const auto rank = [](std::size_t r) { return RankId(r); };
    program.groups[0].listed = {{rank(1), rank(0)}, {rank(2), rank(3)}};
    CHECK(verdict(program) == "right");
    program.groups[0].listed[1][0] = rank(1);
    CHECK(verdict(program) == "the program is wrong: group 'tensor' lists rank 1 twice");
    program.groups[0].listed[1][0] = rank(4);
    CHECK(verdict(program) == "the program is wrong: group 'tensor' lists rank 4 of 4");
    program.groups[0].listed[1].clear();
    CHECK(verdict(program) == "the program is wrong: group 'tensor' lists a communicator of nobody");
    program.groups[0].listed.pop_back();
    CHECK(verdict(program) ==
          "the program is wrong: rank 2 (stage): all_reduce 'sum' on stream 'comm' is on group 'tensor', which leaves "
          "the rank out");
    program.groups[0].only = {0};
    CHECK(verdict(program) == "the program is wrong: group 'tensor' lists both members and communicators");
  }
  SUBCASE("a rank that the group leaves out") {
    program.groups[1].only = {0};
    program.collectives[0].group = GroupSpecId(1);
    CHECK(verdict(program) ==
          "the program is wrong: rank 2 (stage): all_reduce 'sum' on stream 'comm' is on group 'ends', which leaves "
          "the rank out");
  }
}

TEST_CASE("tables are checked") {
  Program program = right();
  SUBCASE("negative duration") {
    program.segments[SegmentId(0)].duration = Duration::picoseconds(-1);
    CHECK(verdict(program) == "the program is wrong: segment 0 has a negative time or size");
  }
  SUBCASE("too long") {
    program.segments[SegmentId(0)].duration = Duration::max();
    CHECK(verdict(program) == "the program is wrong: segment 0 lasts longer than 13 days");
  }
  SUBCASE("bytes in no time") {
    program.segments[SegmentId(0)].duration = Duration();
    CHECK(verdict(program) == "the program is wrong: segment 0 moves bytes in no time");
  }
  SUBCASE("host path that can't be") {
    program.segments[SegmentId(0)].host_path = Duration::picoseconds(101);
    CHECK(verdict(program) == "the program is wrong: segment 0 has a host path longer than its parts");
  }
  SUBCASE("kernels that aren't there") {
    program.segments[SegmentId(0)].kernel_count = 0xffff'ffff;
    CHECK(verdict(program) == "the program is wrong: segment 0 lists kernels that don't exist");
  }
  SUBCASE("a kernel without a name") {
    program.kernels.push_back({99, Duration()});
    CHECK(verdict(program) == "the program is wrong: kernel 0 has no name");
  }
  SUBCASE("a message as a collective") {
    program.collectives[0].kind = CollectiveKind::kSendRecv;
    CHECK(verdict(program) == "the program is wrong: collective 0 is of a kind that groups don't do");
  }
  SUBCASE("a collective of no group") {
    program.collectives[0].group = GroupSpecId();
    CHECK(verdict(program) == "the program is wrong: collective 0 has no group");
  }
  SUBCASE("a collective of less than nothing") {
    program.collectives[0].bytes = Bytes(-1);
    CHECK(verdict(program) == "the program is wrong: collective 0 has a negative size");
  }
  SUBCASE("a collective without an algorithm") {
    program.collectives[0].algorithm = 2;
    CHECK(verdict(program) == "the program is wrong: collective 0 has no algorithm");
  }
  SUBCASE("a message along no dimension") {
    program.messages[1].dimension = 2;
    CHECK(verdict(program) == "the program is wrong: message 1 has no dimension");
  }
  SUBCASE("a message of less than nothing") {
    program.messages[1].bytes = Bytes(-1);
    CHECK(verdict(program) == "the program is wrong: message 1 has a negative size");
  }
  SUBCASE("a negative delay") {
    program.delays[0] = Duration::picoseconds(-5);
    CHECK(verdict(program) == "the program is wrong: delay 0 is negative or longer than 13 days");
  }
  SUBCASE("a negative host") {
    program.host_op = Duration::picoseconds(-5);
    CHECK(verdict(program) == "the program is wrong: its host time an op is negative or longer than 13 days");
  }
}

TEST_CASE("ops are checked") {
  Program program = right();
  Role& role = program.roles[0];
  SUBCASE("stream") {
    role.ops[1].stream = 4;
    CHECK(verdict(program) == "the program is wrong: role 'stage', op 1: its stream is 4 of 4");
  }
  SUBCASE("name") {
    role.ops[1].name = 6;
    CHECK(verdict(program) == "the program is wrong: role 'stage', op 1: it has no name");
  }
  SUBCASE("body") {
    role.ops[4].body = 2;
    CHECK(verdict(program) == "the program is wrong: role 'stage', op 4: its body doesn't exist");
  }
  SUBCASE("work on the host's stream") {
    role.ops[0].stream = kHost;
    CHECK(verdict(program) ==
          "the program is wrong: role 'stage', op 0: host syncs, and nothing else, belong on stream 'host'");
  }
  SUBCASE("a host sync elsewhere") {
    role.ops[5].stream = kCompute;
    CHECK(verdict(program) ==
          "the program is wrong: role 'stage', op 5: host syncs, and nothing else, belong on stream 'host'");
  }
  SUBCASE("waits outside the role's") {
    role.ops[5].wait_count = 2;
    CHECK(verdict(program) == "the program is wrong: role 'stage', op 5: its waits don't exist");
  }
  SUBCASE("waits for no stream") {
    role.waits[0].stream = 4;
    CHECK(verdict(program) == "the program is wrong: role 'stage', op 1: it waits for stream 4 of 4");
  }
  SUBCASE("waits for ops that aren't there") {
    role.waits[1].count = 3;
    CHECK(verdict(program) ==
          "the program is wrong: role 'stage', op 5: host sync 'op 5' on stream 'host' waits for 3 ops on stream "
          "'comm', which has 2");
  }
  SUBCASE("times that don't add up") {
    program.delays[0] = Duration::picoseconds(std::int64_t{1} << 60);
    CHECK(verdict(program) ==
          "the program is wrong: role 'stage', op 2: up to here the role lasts longer than 13 days");
  }
}

}  // namespace orrery::play
