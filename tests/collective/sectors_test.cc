// Schedules that look the same from every sector are cut; others are not.
#include "sim/collective/sectors.h"

#include <doctest/doctest.h>

namespace orrery {
namespace {

Schedule written(std::string_view algorithm, CollectiveKind kind, std::size_t n, std::size_t per_node = 1) {
  Group group;
  for (std::size_t p = 0; p < n; ++p) group.node.push_back(static_cast<std::uint32_t>(p / per_node));
  return CollectiveAlgorithms::find(algorithm)->write(kind, group, Bytes(1 << 20));
}

}  // namespace

TEST_CASE("a ring of twelve cut to two sectors of three is a ring of six with the sizes of twelve") {
  const Schedule whole = written("ring", CollectiveKind::kAllReduce, 12);
  const std::optional<Schedule> cut = cut_to_sectors(whole, 12, 3, 2);
  REQUIRE(cut.has_value());
  REQUIRE(cut->steps.size() == 1);
  const Step& step = cut->steps[0];
  CHECK(step.bytes == whole.steps[0].bytes);
  CHECK(step.repeats == 22);
  REQUIRE(step.transfers.size() == 12);  // reducing and gathering, each of six
  for (std::size_t t = 0; t < step.transfers.size(); ++t) {
    CHECK(step.transfers[t].from == static_cast<std::int32_t>(t / 2));
    CHECK(step.transfers[t].to == static_cast<std::int32_t>((t / 2 + 1) % 6));
    CHECK(step.transfers[t].count == 11);
  }
}

TEST_CASE("both ways round, and one ring a NIC over nodes of two") {
  CHECK(cut_to_sectors(written("bidirectional_ring", CollectiveKind::kAllGather, 9), 9, 3, 2).has_value());
  // Rings enter even nodes at one member and odd ones at the other: only two nodes look the same from the next two.
  const Schedule rails = written("ring", CollectiveKind::kAllReduce, 16, 2);
  CHECK(cut_to_sectors(rails, 16, 4, 2).has_value());
  CHECK_FALSE(cut_to_sectors(rails, 16, 2, 2).has_value());
}

TEST_CASE("trees, chains and all-to-all aren't alike") {
  CHECK_FALSE(cut_to_sectors(written("tree", CollectiveKind::kAllReduce, 12), 12, 3, 2).has_value());
  CHECK_FALSE(cut_to_sectors(written("ring", CollectiveKind::kBroadcast, 12), 12, 3, 2).has_value());
  CHECK_FALSE(cut_to_sectors(written("direct", CollectiveKind::kAllToAll, 12), 12, 3, 2).has_value());
  // Halving and doubling: position p with p xor 1, which a turn by two keeps, but also with p xor 4.
  CHECK_FALSE(cut_to_sectors(written("recursive_doubling", CollectiveKind::kAllReduce, 8), 8, 2, 2).has_value());
}

}  // namespace orrery
