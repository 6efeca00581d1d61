// Which chips fill a part of a grid, and which don't.
#include "topology/filled_grid.h"

#include "tests/topology/fixture.h"

using namespace orrery;

namespace {

using Sizes = std::vector<std::int32_t>;

std::vector<ChipId> chips(std::initializer_list<std::uint32_t> numbers) {
  std::vector<ChipId> list;
  for (const std::uint32_t number : numbers) list.emplace_back(number);
  return list;
}

std::vector<ChipId> first(std::uint32_t count, std::uint32_t every = 1) {
  std::vector<ChipId> list;
  for (std::uint32_t c = 0; c < count; ++c) list.emplace_back(c * every);
  return list;
}

}  // namespace

TEST_CASE("chips of a torus that fill it, a plane or a line of it") {
  const Cluster cluster = test::cluster_of("{shape: torus, size: [3, 4, 5], link: {bandwidth: 1 GB/s, latency: 1 us}}");
  const Fabric& fabric = cluster.fabric;
  CHECK(filled_grid(fabric, first(60)) == Sizes{5, 4, 3});  // the last dimension varies fastest
  CHECK(filled_grid(fabric, first(20)) == Sizes{5, 4});
  CHECK(filled_grid(fabric, first(12, 5)) == Sizes{4, 3});
  CHECK(filled_grid(fabric, first(3, 20)) == Sizes{3});
  CHECK(filled_grid(fabric, chips({0, 1, 5, 6})) == Sizes{2, 2});
  CHECK(filled_grid(fabric, chips({7})).empty());
}

TEST_CASE("chips that are no grid, or not in its order") {
  const Cluster cluster = test::cluster_of("{shape: torus, size: [4, 4], link: {bandwidth: 1 GB/s, latency: 1 us}}");
  const Fabric& fabric = cluster.fabric;
  CHECK(filled_grid(fabric, chips({0, 2})).empty());
  CHECK(filled_grid(fabric, first(6)).empty());                 // a row and a half
  CHECK(filled_grid(fabric, chips({0, 1, 4, 6})).empty());      // a second row that isn't one
  CHECK(filled_grid(fabric, chips({0, 1, 2, 6})).empty());      // a line that turns
  CHECK(filled_grid(fabric, chips({1, 0, 3, 2})) == Sizes{4});  // the other way round is a line too
}
