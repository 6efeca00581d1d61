// Reads and lays the cables between groups.
#include "topology/shapes/group_cables.h"

#include <fmt/format.h>

namespace orrery {

Counts GroupCables::counts() const {
  return {0, 0, saturating_product(saturating_product(groups, groups - 1), between_two())};
}

void GroupCables::build(Builder& builder, const Ports& all) const {
  for (std::uint64_t a = 0; a < groups; ++a)
    for (std::uint64_t b = a + 1; b < groups; ++b)
      for (std::uint64_t copy = 0; copy < between_two(); ++copy) {
        // Seen from a, b is the (b − 1)-th of the others; seen from b, a is the a-th.
        const std::uint64_t port_a = b - 1 + copy * (groups - 1);
        const std::uint64_t port_b = a + copy * (groups - 1);
        builder.join(link, all[a * routers + port_a / per_router], all[b * routers + port_b / per_router]);
      }
}

GroupCables read_group_cables(yaml::Map& map, std::string_view router_key) {
  constexpr std::int64_t kMostInGroup = 65'536;
  GroupCables cables;
  const yaml::Node groups = map.required("groups");
  cables.groups = static_cast<std::uint64_t>(groups.integer(1, kMostBlocks));
  cables.routers = static_cast<std::uint64_t>(map.required(router_key).integer(1, kMostInGroup));
  cables.per_router = static_cast<std::uint64_t>(map.required("global_links").integer(1, kMostInGroup));
  const std::uint64_t ports = cables.routers * cables.per_router;
  if (cables.groups > ports + 1)
    groups.fail(fmt::format("a group has {} global cables, so there can be {} groups at most, not {}", ports, ports + 1,
                            cables.groups));
  if (cables.groups > 1 && ports % (cables.groups - 1) != 0)
    groups.fail(fmt::format("a group has {} global cables, which the {} other groups can't share evenly", ports,
                            cables.groups - 1));
  return cables;
}

}  // namespace orrery
