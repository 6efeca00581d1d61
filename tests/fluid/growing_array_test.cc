// Arrays and pools that grow keep what stands in them, below and beyond the size of a large block.
#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

#include "sim/fluid/block_pool.h"

using orrery::BlockPool;
using orrery::GrowingArray;

TEST_CASE("an array that grows from bytes to many large pages keeps its values") {
  constexpr std::uint64_t kCount = (std::uint64_t{9} << 20U) / sizeof(std::uint64_t);
  GrowingArray<std::uint64_t> array;
  for (std::uint64_t k = 0; k < kCount; ++k) array.push_back(k * k);
  std::uint64_t wrong = 0;
  for (std::uint64_t k = 0; k < kCount; ++k) wrong += array[k] != k * k ? 1 : 0;
  CHECK(wrong == 0);
  CHECK(array.size() == kCount);
  array.push_back(array.front());  // a value of its own
  CHECK(array.back() == 0);
  array.shrink(2);
  CHECK(std::vector<std::uint64_t>(array.begin(), array.end()) == std::vector<std::uint64_t>{0, 1});
}

TEST_CASE("size classes hold what is asked, without waste for short lists") {
  using Pool = BlockPool<int>;
  for (std::size_t count = 1; count < 5000; ++count) {
    const std::size_t places = Pool::places_in(Pool::size_class(count));
    CHECK(places >= count);
    CHECK(places < 2 * count);
    if (count <= Pool::kExact) CHECK(places == count);
    if (count > 1) CHECK(Pool::size_class(count) >= Pool::size_class(count - 1));
  }
}

TEST_CASE("blocks are apart, and a freed one is handed out again to its class") {
  BlockPool<int> pool;
  const auto size = BlockPool<int>::size_class(6);
  const std::uint32_t first = pool.take(size);
  const std::uint32_t second = pool.take(size);
  CHECK(second == first + 6);
  pool.give_back(first, size);
  CHECK(pool.take(BlockPool<int>::size_class(7)) == second + 6);
  CHECK(pool.take(size) == first);
}
