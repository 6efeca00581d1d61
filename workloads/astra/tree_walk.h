// How one rank goes through an all-reduce over one of the two trees of ASTRA-sim's double binary tree.
#pragma once

#include <cstdint>
#include <optional>

namespace orrery::astra {

// A tree over 2ⁿ places in order: the root at one end, under it a perfect tree.
struct TreePlace {
  std::optional<std::uint32_t> parent;
  std::optional<std::uint32_t> left;
  std::optional<std::uint32_t> right;

  [[nodiscard]] bool is_root() const { return !parent; }
  [[nodiscard]] bool is_leaf() const { return !left && !right; }
};
// `root_last`: the root is the last place, else the first. `members`: a power of two, at least 2.
[[nodiscard]] TreePlace place_in_tree(std::uint32_t place, std::uint32_t members, bool root_last);

// The whole chunk goes up from child to parent, reduced at each, and down again.
class TreeWalk {
 public:
  explicit TreeWalk(const TreePlace& place) : place_(place) {}
  [[nodiscard]] const TreePlace& place() const { return place_; }

  enum class Step : std::uint8_t {
    kNothing,
    kPass,      // the chunk goes through the endpoint
    kReduce,    // and through the memory as well
    kSendUp,    // to the parent, then its answer is awaited
    kSendDown,  // to the children: done
    kDone,
  };
  // What to do: to begin with (leaves pass; others await their children); when a message has come; when the endpoint is
  // through with a chunk.
  [[nodiscard]] Step begin() const { return place_.is_leaf() ? Step::kPass : Step::kNothing; }
  [[nodiscard]] Step received();
  [[nodiscard]] Step passed();

 private:
  TreePlace place_;
  std::uint32_t reduced_ = 0;
  bool went_up_ = false;
};

}  // namespace orrery::astra
