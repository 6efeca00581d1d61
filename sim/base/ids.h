// Typed indices and the tables they open: a chip's id cannot be used where a link's id belongs.
#pragma once

#include <cassert>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace orrery {

// A dense index 0 … n−1 of one kind of thing. `Tag` is any type, used only to tell kinds apart.
template <class Tag>
class Id {
 public:
  constexpr Id() = default;
  constexpr explicit Id(std::size_t index) : value_(static_cast<std::uint32_t>(index)) {
    assert(index < std::numeric_limits<std::uint32_t>::max());
  }
  [[nodiscard]] constexpr std::uint32_t index() const { return value_; }
  [[nodiscard]] constexpr bool valid() const { return value_ != kNone; }
  friend constexpr auto operator<=>(Id, Id) = default;

 private:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t value_ = kNone;
};

// A vector that is opened only by its own kind of id.
template <class IdType, class T>
class Table {
 public:
  Table() = default;
  explicit Table(std::size_t size, const T& value = T{}) : rows_(size, value) {}

  IdType add(T row) {
    rows_.push_back(std::move(row));
    return IdType(rows_.size() - 1);
  }
  [[nodiscard]] T& operator[](IdType id) {
    assert(id.index() < rows_.size());
    return rows_[id.index()];
  }
  [[nodiscard]] const T& operator[](IdType id) const {
    assert(id.index() < rows_.size());
    return rows_[id.index()];
  }
  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  [[nodiscard]] auto begin() { return rows_.begin(); }
  [[nodiscard]] auto end() { return rows_.end(); }
  [[nodiscard]] auto begin() const { return rows_.begin(); }
  [[nodiscard]] auto end() const { return rows_.end(); }
  [[nodiscard]] std::span<const T> rows() const { return rows_; }

 private:
  std::vector<T> rows_;
};

}  // namespace orrery
