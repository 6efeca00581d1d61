// Short lists in one flat array, in blocks of 1, 2, 4, … places: lists come and go without allocating in steady state.
#pragma once

#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "sim/fluid/large_pages.h"

namespace orrery {

// A block is named by the index of its first place; its size class k says that it has 2^k places. Freed blocks are kept
// by class and handed out again, last in first out. References into the pool are good until the next take().
template <class T>
class BlockPool {
 public:
  using SizeClass = std::uint8_t;
  static constexpr SizeClass kClasses = 32;

  // The smallest class that has `count` ≥ 1 places.
  [[nodiscard]] static SizeClass size_class(std::size_t count) {
    assert(count > 0);
    return static_cast<SizeClass>(std::bit_width(count - 1));
  }
  [[nodiscard]] std::uint32_t take(SizeClass size) {
    assert(size < kClasses);
    std::vector<std::uint32_t>& free = free_[size];
    if (!free.empty()) {
      const std::uint32_t first = free.back();
      free.pop_back();
      return first;
    }
    const std::size_t first = places_.size();
    assert(first + (std::size_t{1} << size) <= std::numeric_limits<std::uint32_t>::max());
    places_.resize(first + (std::size_t{1} << size));
    return static_cast<std::uint32_t>(first);
  }
  void give_back(std::uint32_t first, SizeClass size) { free_[size].push_back(first); }

  [[nodiscard]] T& operator[](std::size_t place) { return places_[place]; }
  [[nodiscard]] const T& operator[](std::size_t place) const { return places_[place]; }

 private:
  LargeVector<T> places_;
  std::array<std::vector<std::uint32_t>, kClasses> free_;
};

}  // namespace orrery
