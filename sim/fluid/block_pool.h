// Short lists in one flat array, in blocks of few sizes: lists come and go without allocating in steady state.
#pragma once

#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "sim/fluid/growing_array.h"

namespace orrery {

// A block is named by the index of its first place. Size classes: each count up to kExact has its own, then come powers
// of 2. Freed blocks are kept by class and handed out again, last in first out. References into the pool are good until
// the next take(); the places of a block that was just taken are indeterminate.
template <class T>
class BlockPool {
 public:
  using SizeClass = std::uint8_t;
  static constexpr std::size_t kExact = 8;

  // The smallest class that has `count` ≥ 1 places.
  [[nodiscard]] static SizeClass size_class(std::size_t count) {
    assert(count > 0);
    return static_cast<SizeClass>(count <= kExact ? count - 1 : kExact + std::bit_width(count - 1) - kFirstWidth);
  }
  [[nodiscard]] static std::size_t places_in(SizeClass size) {
    return size < kExact ? size + std::size_t{1} : std::size_t{1} << (size - kExact + kFirstWidth);
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
    assert(first + places_in(size) <= std::numeric_limits<std::uint32_t>::max());
    places_.extend(places_in(size));
    return static_cast<std::uint32_t>(first);
  }
  void give_back(std::uint32_t first, SizeClass size) { free_[size].push_back(first); }

  [[nodiscard]] T& operator[](std::size_t place) { return places_[place]; }
  [[nodiscard]] const T& operator[](std::size_t place) const { return places_[place]; }

 private:
  static constexpr std::size_t kFirstWidth = 4;  // 2⁴ places in the first class beyond kExact
  static constexpr SizeClass kClasses = kExact + 32 - kFirstWidth;

  GrowingArray<T> places_;
  std::array<std::vector<std::uint32_t>, kClasses> free_;
};

}  // namespace orrery
