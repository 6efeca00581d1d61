// The shape `dragonfly`: groups of fully joined routers, a cable between every two groups.
//
//     shape: dragonfly
//     groups: 9                    # at most routers · global_links + 1
//     routers: 4                   # a group; a cable between every two of them
//     blocks_per_router: 2
//     global_links: 2              # a router; balanced: routers = 2 · blocks_per_router = 2 · global_links
//     link: {bandwidth: 200 Gb/s, latency: 300 ns}       # block to router
//     local: {…}                   # router to router of one group; as `link` when absent
//     global: {…}                  # group to group; as `local` when absent
//     block: chip                  # or a nested shape: every port of a block hangs on its router
//
// Kim, Dally, Scott and Abts, "Technology-Driven, Highly-Scalable Dragonfly Topology" (ISCA 2008): two groups are one
// global cable apart, so that routers are three hops apart at most.
#include "topology/link_spec.h"
#include "topology/shapes/group_cables.h"
#include "topology/shapes/routers.h"

namespace orrery {
namespace {

class Dragonfly : public Block {
 public:
  Dragonfly(Routers routers, GroupCables global, Link local)
      : routers_(std::move(routers)), global_(global), local_(local) {}

  [[nodiscard]] Counts counts() const override {
    const std::uint64_t local = global_.routers * (global_.routers - 1);
    return routers_.counts() + global_.counts() + Counts{0, 0, local} * global_.groups;
  }
  [[nodiscard]] std::uint64_t port_count() const override { return routers_.port_count(); }

  Ports build(Builder& builder, const std::string& name) const override {
    const std::uint64_t size = global_.routers;
    Routers::Built built = routers_.build(builder, name, [&](std::uint64_t r) {
      return join_names(join_names(name, "group", r / size), "router", r % size);
    });
    for (std::uint64_t first = 0; first < built.routers.size(); first += size)
      for (std::uint64_t a = first; a < first + size; ++a)
        for (std::uint64_t b = a + 1; b < first + size; ++b) builder.join(local_, built.routers[a], built.routers[b]);
    global_.build(builder, built.routers);
    return std::move(built.ports);
  }

 private:
  Routers routers_;
  GroupCables global_;
  Link local_;
};

std::unique_ptr<Block> read_dragonfly(yaml::Map& map, std::uint64_t) {
  GroupCables global = read_group_cables(map, "routers");
  Routers routers = read_routers(map, global.groups * global.routers, "blocks_per_router");
  const Link local = read_link_above(map, "local", routers.link, Tier::kSpine);
  global.link = read_link_above(map, "global", local, Tier::kCore);
  return std::make_unique<Dragonfly>(std::move(routers), global, local);
}

const Shapes::Entry kDragonfly{
    {"dragonfly", "groups of routers, all joined within a group, and every two groups by a cable", &read_dragonfly}};

}  // namespace
}  // namespace orrery
