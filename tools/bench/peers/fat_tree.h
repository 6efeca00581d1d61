// A three-level XGFT fat tree with D-mod-k routes: the links of a path are computed, not stored.
//
// XGFT(3; m₁,m₂,m₃; w₁,w₂,w₃): a level-i switch has m_i children, a level-(i−1) node w_i parents (here w₁ = 1). On the
// way up to host d, the parent at level i is ⌊d / (w₁…w_{i−1})⌋ mod w_i; down, there is one way.
// (E. Zahavi, "D-Mod-K routing providing non-blocking traffic for shift permutations on real life fat trees", 2010.)
#pragma once

#include <array>
#include <cstdint>

namespace orrery::peers {

struct FatTree {
  std::array<std::uint32_t, 3> children{};  // m
  std::array<std::uint32_t, 3> parents{};   // w

  [[nodiscard]] std::uint32_t hosts() const { return children[0] * children[1] * children[2]; }
  [[nodiscard]] std::uint32_t leaf_links() const { return hosts() / children[0] * parents[1]; }
  [[nodiscard]] std::uint32_t top_links() const { return children[2] * parents[1] * parents[2]; }
  // All of one direction; the links down follow the links up.
  [[nodiscard]] std::uint32_t links_up() const { return hosts() + leaf_links() + top_links(); }
  [[nodiscard]] std::uint32_t links() const { return 2 * links_up(); }
};

struct Path {
  std::array<std::uint32_t, 6> link{};
  std::uint32_t hops = 0;
};

// A full-bisection tree of 64, 128, 256, 1024 or 4096 hosts.
[[nodiscard]] FatTree fat_tree_of(std::uint32_t hosts);

[[nodiscard]] inline Path route(const FatTree& tree, std::uint32_t from, std::uint32_t to) {
  const std::uint32_t down = tree.links_up();
  const std::uint32_t leaf_from = from / tree.children[0];
  const std::uint32_t leaf_to = to / tree.children[0];
  if (leaf_from == leaf_to) return {{from, down + to}, 2};
  const std::uint32_t middle = to % tree.parents[1];
  const std::uint32_t up_from = tree.hosts() + leaf_from * tree.parents[1] + middle;
  const std::uint32_t down_to = down + tree.hosts() + leaf_to * tree.parents[1] + middle;
  const std::uint32_t pod_from = leaf_from / tree.children[1];
  const std::uint32_t pod_to = leaf_to / tree.children[1];
  if (pod_from == pod_to) return {{from, up_from, down_to, down + to}, 4};
  const std::uint32_t top = to / tree.parents[1] % tree.parents[2];
  const std::uint32_t first = tree.hosts() + tree.leaf_links();
  const std::uint32_t top_from = first + (pod_from * tree.parents[1] + middle) * tree.parents[2] + top;
  const std::uint32_t top_to = down + first + (pod_to * tree.parents[1] + middle) * tree.parents[2] + top;
  return {{from, up_from, top_from, top_to, down_to, down + to}, 6};
}

}  // namespace orrery::peers
