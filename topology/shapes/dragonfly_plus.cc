// The shape `dragonfly_plus`: groups of leaf and spine switches, spines of every two groups joined by a cable.
//
//     shape: dragonfly_plus
//     groups: 5                    # at most spines · global_links + 1
//     leaves: 2                    # a group; each joined to every spine of its group
//     spines: 2
//     blocks_per_leaf: 2
//     global_links: 2              # a spine
//     link: {bandwidth: 200 Gb/s, latency: 300 ns}       # block to leaf
//     local: {…}                   # leaf to spine; as `link` when absent
//     global: {…}                  # group to group; as `local` when absent
//     block: chip                  # or a nested shape: every port of a block hangs on its leaf
//
// Shpiner, Haramaty, Eliad, Zdornov, Gafni and Zahavi, "Dragonfly+: Low Cost Topology for Scaling Datacenters" (HiPINEB
// 2017): a group grows with the square of the radix, and leaves are three hops apart at most.
#include "topology/link_spec.h"
#include "topology/shapes/group_cables.h"
#include "topology/shapes/routers.h"

namespace orrery {
namespace {

class DragonflyPlus : public Block {
 public:
  DragonflyPlus(Routers leaves, std::uint64_t leaves_per_group, GroupCables global, Link local)
      : leaves_(std::move(leaves)), leaves_per_group_(leaves_per_group), global_(global), local_(local) {}

  [[nodiscard]] Counts counts() const override {
    return leaves_.counts() + global_.counts() +
           Counts{0, global_.routers, 2 * leaves_per_group_ * global_.routers} * global_.groups;
  }
  [[nodiscard]] std::uint64_t port_count() const override { return leaves_.port_count(); }

  Ports build(Builder& builder, const std::string& name) const override {
    const auto in_group = [&](std::uint64_t i, std::uint64_t size, std::string_view kind) {
      return join_names(join_names(name, "group", i / size), kind, i % size);
    };
    Routers::Built built =
        leaves_.build(builder, name, [&](std::uint64_t leaf) { return in_group(leaf, leaves_per_group_, "leaf"); });
    Ports spines;
    for (std::uint64_t i = 0; i < global_.groups * global_.routers; ++i)
      spines.push_back(builder.add(VertexKind::kSwitch, in_group(i, global_.routers, "spine")));
    for (std::uint64_t leaf = 0; leaf < built.routers.size(); ++leaf)
      for (std::uint64_t i = 0; i < global_.routers; ++i)
        builder.join(local_, built.routers[leaf], spines[leaf / leaves_per_group_ * global_.routers + i]);
    global_.build(builder, spines);
    return std::move(built.ports);
  }

 private:
  Routers leaves_;
  std::uint64_t leaves_per_group_;
  GroupCables global_;
  Link local_;
};

std::unique_ptr<Block> read_dragonfly_plus(yaml::Map& map, std::uint64_t) {
  constexpr std::int64_t kMostLeaves = 65'536;
  GroupCables global = read_group_cables(map, "spines");
  const auto leaves_per_group = static_cast<std::uint64_t>(map.required("leaves").integer(1, kMostLeaves));
  Routers leaves = read_routers(map, global.groups * leaves_per_group, "blocks_per_leaf");
  const Link local = read_link_above(map, "local", leaves.link, Tier::kSpine);
  global.link = read_link_above(map, "global", local, Tier::kCore);
  return std::make_unique<DragonflyPlus>(std::move(leaves), leaves_per_group, global, local);
}

const Shapes::Entry kDragonflyPlus{{"dragonfly_plus",
                                    "groups of leaf and spine switches, spines of every two groups joined by a cable",
                                    &read_dragonfly_plus}};

}  // namespace
}  // namespace orrery
