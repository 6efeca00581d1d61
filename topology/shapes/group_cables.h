// How the groups of a dragonfly are joined: as many cables between every two groups as their routers have to spare.
//
// A group of `routers` routers with `per_router` global ports each has k = routers·per_router ports; g ≤ k + 1 groups.
// Every two groups are joined by k ÷ (g − 1) cables, a whole number. Port s of a group leads to the s-th of the other
// groups in order, ports s + (g − 1), s + 2(g − 1), … to the same one; port p is on router p ÷ per_router. With g = k +
// 1 this is the consecutive ("absolute") arrangement of Camarero, Vallejo and Beivide (2014), after Kim, Dally, Scott
// and Abts, "Technology-Driven, Highly-Scalable Dragonfly Topology" (ISCA 2008).
#pragma once

#include "topology/shapes/shape.h"

namespace orrery {

struct GroupCables {
  std::uint64_t groups = 1;
  std::uint64_t routers = 1;     // of a group, that have global ports
  std::uint64_t per_router = 1;  // global ports
  Link link;

  [[nodiscard]] std::uint64_t between_two() const { return groups < 2 ? 0 : routers * per_router / (groups - 1); }
  [[nodiscard]] Counts counts() const;
  // `all[group·routers + i]` is router i of a group.
  void build(Builder& builder, const Ports& all) const;
};

// Reads `groups`, and `global_links` (a router's); `router_key` has how many routers a group has. The link is the
// caller's to read.
[[nodiscard]] GroupCables read_group_cables(yaml::Map& map, std::string_view router_key);

}  // namespace orrery
