// A three-level XGFT fat tree with D-mod-k routes: the links of a path are computed, not stored.
//
// XGFT(3; m₁,m₂,m₃; w₁,w₂,w₃): a level-i switch has m_i children, a level-(i−1) node w_i parents (here w₁ = 1). On the
// way up to host d, the parent at level i is ⌊d / (w₁…w_{i−1})⌋ mod w_i; down, there is one way.
// (E. Zahavi, "D-Mod-K routing providing non-blocking traffic for shift permutations on real life fat trees", 2010.)
#pragma once

#include <array>
#include <cstdint>
#include <vector>

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

// Where each host sits stands before a run starts, as in the peer's platform; a path is then put together.
class Routes {
 public:
  explicit Routes(const FatTree& tree)
      : tree_(tree), leaf_links_(tree.hosts()), top_links_(tree.hosts() + tree.leaf_links()), down_(tree.links_up()) {
    for (std::uint32_t host = 0; host < tree.hosts(); ++host) {
      const std::uint32_t leaf = host / tree.children[0];
      const std::uint32_t pod = leaf / tree.children[1];
      const std::uint32_t middle = host % tree.parents[1];
      const std::uint32_t top = host / tree.parents[1] % tree.parents[2];
      seats_.push_back({leaf, pod, middle, top});
    }
  }

  [[nodiscard]] Path path(std::uint32_t from, std::uint32_t to) const {
    const Seat& source = seats_[from];
    const Seat& target = seats_[to];
    if (source.leaf == target.leaf) return {{from, down_ + to}, 2};
    const std::uint32_t up_from = leaf_links_ + source.leaf * tree_.parents[1] + target.middle;
    const std::uint32_t down_to = down_ + leaf_links_ + target.leaf * tree_.parents[1] + target.middle;
    if (source.pod == target.pod) return {{from, up_from, down_to, down_ + to}, 4};
    const auto top = [&](const Seat& seat) {
      return top_links_ + (seat.pod * tree_.parents[1] + target.middle) * tree_.parents[2] + target.top;
    };
    return {{from, up_from, top(source), down_ + top(target), down_to, down_ + to}, 6};
  }

 private:
  struct Seat {
    std::uint32_t leaf = 0;
    std::uint32_t pod = 0;
    std::uint32_t middle = 0;  // which parent of a leaf leads to it
    std::uint32_t top = 0;     // and which grandparent
  };

  FatTree tree_;
  // The first link between leaves and middles, between these and the top, and of those down.
  std::uint32_t leaf_links_;
  std::uint32_t top_links_;
  std::uint32_t down_;
  std::vector<Seat> seats_;
};

}  // namespace orrery::peers
