// A flat array for the big tables of the event loop: large ones grow by moving their pages instead of copying them.
//
// A std::vector that doubles writes everything anew elsewhere, into pages that the system clears first; on a virtual
// machine filling 64 MiB that way took longer than simulating what was written there.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <type_traits>
#include <utility>

#include "sim/fluid/pages.h"

namespace orrery {

// The part of std::vector that such tables use. References are good until the array grows.
template <class T>
class GrowingArray {
  static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= alignof(std::max_align_t));

 public:
  GrowingArray() = default;
  GrowingArray(const GrowingArray&) = delete;
  GrowingArray& operator=(const GrowingArray&) = delete;
  ~GrowingArray() { free_block(data_, bytes_); }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] T& operator[](std::size_t at) { return data_[at]; }
  [[nodiscard]] const T& operator[](std::size_t at) const { return data_[at]; }
  [[nodiscard]] T* begin() { return data_; }
  [[nodiscard]] T* end() { return data_ + size_; }
  [[nodiscard]] const T* begin() const { return data_; }
  [[nodiscard]] const T* end() const { return data_ + size_; }
  [[nodiscard]] const T& front() const { return data_[0]; }
  [[nodiscard]] T& back() { return data_[size_ - 1]; }

  void push_back(const T& value) {
    const T copy = value;  // it may stand in this array
    extend(1);
    data_[size_ - 1] = copy;
  }
  void pop_back() { --size_; }
  void clear() { size_ = 0; }
  void shrink(std::size_t size) {
    assert(size <= size_);
    size_ = size;
  }
  // `count` more, indeterminate.
  void extend(std::size_t count) {
    if (size_ + count > bytes_ / sizeof(T)) grow(size_ + count);
    size_ += count;
  }

 private:
  static constexpr std::size_t kLeast = 64;  // bytes

  void grow(std::size_t size) {
    std::size_t bytes = std::max({kLeast, size * sizeof(T), 2 * bytes_});
    data_ = static_cast<T*>(grow_block(data_, bytes_, bytes));
    bytes_ = bytes;
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace orrery
