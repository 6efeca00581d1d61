// Coordinates, communicators and peers of a grid, by hand.
#include <doctest/doctest.h>

#include "sim/kernel/communicators.h"
#include "tests/kernel/writer.h"

namespace orrery::play {

namespace {

// 24 ranks: rank = t + 2·d + 6·p.
Writer grid() { return Writer({{"tp", 2}, {"dp", 3}, {"pp", 4}}); }

std::vector<RankId> ranks(std::initializer_list<std::size_t> indices) {
  std::vector<RankId> ids;
  for (const std::size_t i : indices) ids.emplace_back(i);
  return ids;
}

}  // namespace

TEST_CASE("dimension 0 of a grid varies fastest") {
  const Grid grid = play::grid().program.grid;
  CHECK(grid.rank_count() == 24);
  CHECK(grid.stride(0) == 1);
  CHECK(grid.stride(1) == 2);
  CHECK(grid.stride(2) == 6);
  const RankId rank(1 + 2 * 2 + 6 * 3);
  CHECK(grid.coordinate(rank, 0) == 1);
  CHECK(grid.coordinate(rank, 1) == 2);
  CHECK(grid.coordinate(rank, 2) == 3);
  CHECK(Grid().rank_count() == 1);
}

TEST_CASE("members agree in every dimension outside the group") {
  const Program program = grid()
                              .group("tensor", {0})
                              .group("data", {1})
                              .group("data and pipeline", {2, 1})
                              .group("ends", {2}, {3, 0})
                              .group("alone", {})
                              .program;
  const RankId rank(1 + 2 * 2 + 6 * 1);  // (1, 2, 1)
  CHECK(program.members(GroupSpecId(0), rank) == ranks({10, 11}));
  CHECK(program.members(GroupSpecId(1), rank) == ranks({7, 9, 11}));
  CHECK(program.members(GroupSpecId(2), rank) == ranks({1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23}));
  CHECK(program.members(GroupSpecId(3), rank) == ranks({5, 23}));
  CHECK(program.members(GroupSpecId(4), rank) == ranks({11}));
}

TEST_CASE("a peer is so many coordinates away, around the end") {
  const Program program = grid().program;
  const RankId rank(1 + 2 * 2 + 6 * 3);  // (1, 2, 3)
  CHECK(program.peer({2, 1, Bytes(1), 0}, rank) == RankId(1 + 2 * 2));
  CHECK(program.peer({2, -1, Bytes(1), 0}, rank) == RankId(1 + 2 * 2 + 6 * 2));
  CHECK(program.peer({1, 2, Bytes(1), 0}, rank) == RankId(1 + 2 * 1 + 6 * 3));
  CHECK(program.peer({1, -300, Bytes(1), 0}, rank) == rank);
  CHECK(program.peer({0, 2147483647, Bytes(1), 0}, rank) == RankId(0 + 2 * 2 + 6 * 3));
}

TEST_CASE("the table of communicators says what members() says") {
  const Program program =
      grid().group("tensor", {0}).group("two", {0, 2}).group("ends", {2}, {3, 0}).group("alone", {}).program;
  const kernel::Communicators communicators(program);
  CHECK(communicators.size() == 12 + 3 + 6 + 24);
  for (std::size_t g = 0; g < program.groups.size(); ++g) {
    for (std::size_t r = 0; r < 24; ++r) {
      const GroupSpecId group(g);
      const RankId rank(r);
      const kernel::CommunicatorId id = communicators.of(rank, group);
      const std::uint32_t stage = program.grid.coordinate(rank, 2);
      if (g == 2 && stage != 0 && stage != 3) {
        CHECK_FALSE(id.valid());
        continue;
      }
      REQUIRE(id.valid());
      CHECK(id.index() >= communicators.first(group).index());
      CHECK(id.index() < communicators.first(group).index() + communicators.count(group));
      const std::span<const RankId> members = communicators.members(id);
      CHECK(std::vector<RankId>(members.begin(), members.end()) == program.members(group, rank));
      CHECK(members[communicators.position(rank, group)] == rank);
    }
  }
}

TEST_CASE("phases have names") {
  CHECK(to_name(Phase::kForward) == "forward");
  CHECK(to_name(Phase::kRecompute) == "recompute");
  CHECK(to_name(Phase::kOther) == "other");
}

}  // namespace orrery::play
