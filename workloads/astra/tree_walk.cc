// Places are numbered in order, left to right; a leaf's lowest set bit is the first.
#include "workloads/astra/tree_walk.h"

namespace orrery::astra {

TreePlace place_in_tree(std::uint32_t place, std::uint32_t members, bool root_last) {
  // Under the root the perfect tree has places 1 … members − 1, counted from the root's far side.
  const std::uint32_t shift = root_last ? 1 : 0;  // place + shift is the number within the tree
  const std::uint32_t root = root_last ? members - 1 : 0;
  const std::uint32_t top = members / 2;
  TreePlace found;
  if (place == root) {
    (root_last ? found.left : found.right) = top - shift;
    return found;
  }
  const std::uint32_t number = place + shift;
  const std::uint32_t low = number & (~number + 1);
  found.parent = number == top ? root : ((number | (low << 1U)) & ~low) - shift;
  if (low > 1) {
    found.left = number - low / 2 - shift;
    found.right = number + low / 2 - shift;
  }
  return found;
}

TreeWalk::Step TreeWalk::received() { return place_.is_leaf() ? Step::kPass : Step::kReduce; }

TreeWalk::Step TreeWalk::passed() {
  if (place_.is_root()) return Step::kSendDown;
  if (place_.is_leaf()) {
    if (went_up_) return Step::kDone;
    went_up_ = true;
    return Step::kSendUp;
  }
  if (went_up_) return Step::kSendDown;
  constexpr std::uint32_t kChildren = 2;
  if (++reduced_ < kChildren) return Step::kNothing;
  went_up_ = true;
  return Step::kSendUp;
}

}  // namespace orrery::astra
