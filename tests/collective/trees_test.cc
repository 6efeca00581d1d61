// Two binary trees over the same elements in which nobody is inside both.
#include "sim/collective/trees.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace orrery {

TEST_CASE("two trees: one root each, two children at most, a logarithm deep, nobody inside both") {
  for (std::size_t n = 1; n <= 130; ++n) {
    CAPTURE(n);
    const std::vector<Tree> trees = two_trees(n);
    REQUIRE(trees.size() == 2);
    std::vector<int> inside(n, 0);
    for (const Tree& tree : trees) {
      REQUIRE(tree.size() == n);
      CHECK(std::count(tree.begin(), tree.end(), kRoot) == 1);
      std::vector<int> children(n, 0);
      for (std::size_t e = 0; e < n; ++e) {
        if (tree[e] != kRoot) ++children[static_cast<std::size_t>(tree[e])];
        std::size_t depth = 0;
        for (std::size_t at = e; tree[at] != kRoot && depth <= n; ++depth) at = static_cast<std::size_t>(tree[at]);
        CHECK((std::size_t{1} << depth) <= n);
      }
      for (std::size_t e = 0; e < n; ++e) {
        CHECK(children[e] <= 2);
        if (children[e] > 0) ++inside[e];
      }
    }
    CHECK(*std::max_element(inside.begin(), inside.end()) <= 1);
  }
  CHECK(two_trees(7)[0] == Tree{1, 3, 1, kRoot, 5, 3, 5});
}

}  // namespace orrery
