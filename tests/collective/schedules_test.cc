// Every algorithm delivers what its collective promises, with the bytes that theory allows.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/error.h"
#include "sim/collective/rings.h"
#include "sim/collective/schedule.h"
#include "tests/collective/groups.h"

namespace orrery {

TEST_CASE("collectives have names") {
  std::set<std::string_view> names;
  for (const CollectiveKind kind : kAllKinds) names.insert(to_name(kind));
  CHECK(names.size() == kCollectiveKindCount);
  CHECK(to_name(CollectiveKind::kReduceScatter) == "reduce_scatter");
  CHECK(to_name(CollectiveKind::kSendRecv) == "send_recv");
}

TEST_CASE("the algorithms are found by name and say what they can") {
  for (const CollectiveKind kind : kAllKinds) CHECK(CollectiveAlgorithms::find("direct")->supports(kind));
  CHECK(CollectiveAlgorithms::find("ring")->supports(CollectiveKind::kReduce));
  CHECK_FALSE(CollectiveAlgorithms::find("ring")->supports(CollectiveKind::kAllToAll));
}

TEST_CASE("a group of one has nothing to do") {
  for (const CollectiveAlgorithm* algorithm : CollectiveAlgorithms::all())
    for (const CollectiveKind kind : kAllKinds)
      if (algorithm->supports(kind)) CHECK(algorithm->write(kind, block_group(1, 1), Bytes(1000)).steps.empty());
}

TEST_CASE("ring: each rank sends the least bytes there are") {
  for (const auto& [nodes, each] : std::vector<std::pair<std::size_t, std::size_t>>{{1, 8}, {6, 1}, {4, 4}, {3, 5}}) {
    const Group group = block_group(nodes, each);
    const auto n = static_cast<std::int64_t>(group.size());
    const std::int64_t size = 1000 * n * static_cast<std::int64_t>(each);  // whole pieces
    for (const std::int64_t bytes : bytes_sent(write("ring", CollectiveKind::kAllReduce, group, size), group.size()))
      CHECK(bytes == 2 * (n - 1) * size / n);
    for (const std::int64_t bytes : bytes_sent(write("ring", CollectiveKind::kAllGather, group, size), group.size()))
      CHECK(bytes == (n - 1) * size / n);
    for (const std::int64_t bytes :
         bytes_sent(write("ring", CollectiveKind::kReduceScatter, group, size), group.size()))
      CHECK(bytes == (n - 1) * size / n);
    for (const std::int64_t bytes : bytes_sent(write("direct", CollectiveKind::kAllReduce, group, size), group.size()))
      CHECK(bytes == 2 * (n - 1) * size / n);
    for (const std::int64_t bytes : bytes_sent(write("direct", CollectiveKind::kAllToAll, group, size), group.size()))
      CHECK(bytes == (n - 1) * size / n);
  }
}

TEST_CASE("pieces are rounded up to whole bytes") {
  // 10 bytes over 4: 3 each.
  CHECK(write("ring", CollectiveKind::kAllReduce, block_group(1, 4), 10).steps[0].bytes == Bytes(3));
  CHECK(write("direct", CollectiveKind::kAllGather, block_group(1, 4), 10).steps[0].bytes == Bytes(3));
  // Over 2 nodes of 2 there are 2 rings: 8 pieces.
  CHECK(write("ring", CollectiveKind::kAllReduce, block_group(2, 2), 10).steps[0].bytes == Bytes(2));
  CHECK(write("ring", CollectiveKind::kAllReduce, block_group(1, 4), 0).steps[0].bytes == Bytes(0));
}

TEST_CASE("broadcast goes in chunks of about half a mebibyte") {
  const Group group = block_group(1, 4);
  const auto chunks = [&](std::int64_t bytes) {
    return write("ring", CollectiveKind::kBroadcast, group, bytes).steps[0].transfers[0].count;
  };
  CHECK(chunks(0) == 1);
  CHECK(chunks(512 << 10) == 1);
  CHECK(chunks((512 << 10) + 1) == 2);
  CHECK(chunks(64 << 20) == 128);
  CHECK(chunks(std::int64_t{1} << 60) == 1024);
}

TEST_CASE("inside a node, and with one member to a node, there is one ring in order") {
  CHECK(rings(block_group(1, 4)) == std::vector<std::vector<std::int32_t>>{{0, 1, 2, 3}});
  CHECK(rings(block_group(4, 1)) == std::vector<std::vector<std::int32_t>>{{0, 1, 2, 3}});
  // Members spread over nodes in turn are gathered node by node.
  CHECK(rings({{5, 9, 9, 5, 7}}) == std::vector<std::vector<std::int32_t>>{{0, 3, 1, 2, 4}});
}

TEST_CASE("with g members to a node there are g rings, and every member sends out of and receives into its node once") {
  for (const std::size_t each : {2U, 3U, 4U, 5U, 8U}) {
    for (const std::size_t nodes : {2U, 3U, 4U, 7U}) {
      const Group group = block_group(nodes, each);
      const auto all = rings(group);
      CHECK(all.size() == each);
      std::vector<int> out(group.size(), 0);
      std::vector<int> in(group.size(), 0);
      std::size_t off_rail = 0;
      for (const auto& ring : all) {
        CHECK(std::set<std::int32_t>(ring.begin(), ring.end()).size() == group.size());
        std::size_t crossings = 0;
        for (std::size_t i = 0; i < ring.size(); ++i) {
          const auto from = static_cast<std::size_t>(ring[i]);
          const auto to = static_cast<std::size_t>(ring[(i + 1) % ring.size()]);
          if (group.node[from] == group.node[to]) continue;
          ++crossings;
          ++out[from];
          ++in[to];
          if (from % each != to % each) ++off_rail;
        }
        CHECK(crossings == nodes);
      }
      CHECK(std::all_of(out.begin(), out.end(), [](int count) { return count == 1; }));
      CHECK(std::all_of(in.begin(), in.end(), [](int count) { return count == 1; }));
      // Only the closing hop of an odd number of nodes leaves its rail.
      CHECK(off_rail == (nodes % 2 == 0 ? 0 : each));
    }
  }
}

namespace {

// How often rings go from one member of a node to another one, for every two that they do.
std::map<std::pair<std::int32_t, std::int32_t>, int> cables_used(const Group& group) {
  std::map<std::pair<std::int32_t, std::int32_t>, int> used;
  for (const auto& ring : rings(group)) {
    CHECK(std::set<std::int32_t>(ring.begin(), ring.end()).size() == group.size());
    for (std::size_t i = 0; i < ring.size(); ++i) {
      const std::int32_t from = ring[i];
      const std::int32_t to = ring[(i + 1) % ring.size()];
      if (group.node[static_cast<std::size_t>(from)] == group.node[static_cast<std::size_t>(to)]) ++used[{from, to}];
    }
  }
  return used;
}

}  // namespace

TEST_CASE("in a node whose members are joined each to each, rings use all cables alike") {
  for (std::size_t n = 3; n <= 12; ++n) {
    Group group = block_group(1, n);
    group.cliques = true;
    CHECK(rings(group).size() == (n % 2 == 0 ? 2 * (n - 1) : n - 1));
    const auto used = cables_used(group);
    CHECK(used.size() == n * (n - 1));
    for (const auto& [cable, times] : used) CHECK(times == (n % 2 == 0 ? 2 : 1));
  }
  for (const std::size_t n : {2U, 65U}) {
    Group other = block_group(1, n);
    other.cliques = true;
    CHECK(rings(other).size() == 1);
  }
}

TEST_CASE("over nodes whose members are joined each to each, too, and rails are kept") {
  for (const std::size_t each : {4U, 6U, 8U}) {
    for (const std::size_t nodes : {2U, 4U}) {
      Group group = block_group(nodes, each);
      group.cliques = true;
      CHECK(rings(group).size() == each);
      const auto used = cables_used(group);
      CHECK(used.size() == nodes * each * (each - 1));
      for (const auto& [cable, times] : used) CHECK(times == 1);
      for (const auto& ring : rings(group)) {
        for (std::size_t i = 0; i < ring.size(); ++i) {
          const auto from = static_cast<std::size_t>(ring[i]);
          const auto to = static_cast<std::size_t>(ring[(i + 1) % ring.size()]);
          if (group.node[from] != group.node[to]) CHECK(from % each == to % each);
        }
      }
    }
  }
}

TEST_CASE("a direct collective over too many ranks is refused, not attempted") {
  CHECK_THROWS_WITH_AS(
      (void)write("direct", CollectiveKind::kAllReduce, block_group(1, 2049), 1000),
      "a direct collective over 2049 ranks has too many messages to be written out; the most is 2048 ranks: use ring",
      RunError);
  CHECK(write("direct", CollectiveKind::kBroadcast, block_group(1, 5000), 1000).steps[0].transfers.size() == 4999);
}

}  // namespace orrery
