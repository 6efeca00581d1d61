// Folded Clos trees of two or three tiers of switches over blocks: what fat_tree and rail_fat_tree are made of.
#pragma once

#include <optional>
#include <vector>

#include "topology/shapes/shape.h"

namespace orrery {

// Blocks stand in units; a unit has `rails` leaf switches. Leaf r takes the ports of its blocks whose number modulo
// `rails` is r: every port with one rail. Units stand in pods; within a pod, leaves that share a group of spine
// switches reach each other through it, and core switches join the groups.
//
// Every cable is a link pair of its own. Cables go round: a leaf's uplink j to spine j mod S of its group. Spine i of
// every group is joined to the i-th share of the cores, its uplinks going round them.
//
// All of this stands `planes` times side by side, each with a cable of its own to every port: a NIC whose rate is split
// over several networks (multi-plane fat trees).
struct ClosPlan {
  Blocks blocks;
  std::uint64_t rails = 1;
  std::uint64_t planes = 1;
  std::uint64_t blocks_per_unit = 1;
  std::uint64_t units_per_pod = 1;
  Link leaf_link;  // block to leaf

  struct Spine {
    std::uint64_t switches = 1;  // per group
    bool by_rail = false;        // a group for each rail of a pod, else one for all of the pod's leaves
    std::uint64_t uplinks = 1;   // cables up from each leaf; a multiple of `switches`
    Link link;
  };
  std::optional<Spine> spine;

  struct Core {
    std::uint64_t switches = 1;  // in all; a multiple of a group's spines, one share for each
    std::uint64_t uplinks = 1;   // cables up from each spine; a multiple of a share's switches
    Link link;
  };
  std::optional<Core> core;

  [[nodiscard]] std::uint64_t units(std::uint64_t block_count) const;
  [[nodiscard]] std::uint64_t pods(std::uint64_t block_count) const;
  [[nodiscard]] std::uint64_t groups_per_pod() const { return spine && spine->by_rail ? rails : 1; }
  // Down cables of one switch, at the full size of the file.
  [[nodiscard]] std::uint64_t leaf_down() const;
  [[nodiscard]] std::uint64_t spine_down() const;
  [[nodiscard]] std::uint64_t core_down() const;
};

class Clos : public Block {
 public:
  explicit Clos(ClosPlan plan) : plan_(std::move(plan)) {}

  [[nodiscard]] Counts counts() const override;
  [[nodiscard]] std::uint64_t port_count() const override;                    // the topmost switches
  [[nodiscard]] std::uint64_t part_chips(std::uint64_t used) const override;  // pods, units or blocks
  Ports build(Builder& builder, const std::string& name) const override;

 private:
  [[nodiscard]] Ports build_plane(Builder& builder, const std::string& name, const std::vector<Ports>& blocks) const;
  [[nodiscard]] Ports build_leaves(Builder& builder, const std::string& name, const std::vector<Ports>& blocks) const;
  [[nodiscard]] Ports build_spines(Builder& builder, const std::string& name, const Ports& leaves) const;
  [[nodiscard]] Ports build_cores(Builder& builder, const std::string& name, const Ports& spines) const;
  [[nodiscard]] std::uint64_t leaf_count() const;
  [[nodiscard]] std::uint64_t spine_count() const;

  ClosPlan plan_;
};

// The keys that both trees share: `nodes`, `block`, `link`, `planes`, `units_per_pod`, `spine`, `core` and `radix`;
// `unit_key` is how many nodes stand under a unit's leaves.
[[nodiscard]] std::unique_ptr<Block> read_clos(yaml::Map& map, std::string_view unit_key, bool rail_optimised,
                                               std::uint64_t chips_wanted);

// One leaf a rail for all nodes: `nodes`, `block`, `link`, `rails`, `radix`.
[[nodiscard]] std::unique_ptr<Block> read_rails(yaml::Map& map, std::uint64_t chips_wanted);

}  // namespace orrery
