// Nodes whose chips are joined each to each.
#include "topology/cliques.h"

#include "tests/topology/fixture.h"

using namespace orrery;

namespace {

std::vector<ChipId> first(std::uint32_t count) {
  std::vector<ChipId> list;
  for (std::uint32_t c = 0; c < count; ++c) list.emplace_back(c);
  return list;
}

}  // namespace

TEST_CASE("chips with a cable between every two of them") {
  const Cluster cluster =
      test::cluster_of("{shape: fully_connected, blocks: 5, link: {bandwidth: 1 GB/s, latency: 1 us}}");
  CHECK(are_cliques(cluster.fabric, first(5)));
  CHECK(are_cliques(cluster.fabric, first(3)));
  CHECK(are_cliques(cluster.fabric, first(1)));
}

TEST_CASE("chips behind a switch have no cable of their own") {
  const Cluster cluster =
      test::cluster_of("{shape: single_switch, blocks: 4, link: {bandwidth: 1 GB/s, latency: 1 us}}");
  CHECK_FALSE(are_cliques(cluster.fabric, first(4)));
  CHECK_FALSE(are_cliques(cluster.fabric, first(2)));
}
