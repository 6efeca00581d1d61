// Blocks hung evenly on routers, which a shape then joins to each other: the start of every switched direct network.
#pragma once

#include <functional>

#include "topology/shapes/shape.h"

namespace orrery {

// Router r takes every port of blocks r·per_router … (r + 1)·per_router − 1. Bare chips are each a node of their own.
struct Routers {
  Blocks blocks;
  std::uint64_t count = 0;
  std::uint64_t per_router = 0;
  Link link;  // block to router

  struct Built {
    Ports routers;
    Ports ports;  // of all blocks, in order: what the shape hands on
  };
  [[nodiscard]] Counts counts() const;
  [[nodiscard]] std::uint64_t port_count() const {
    return saturating_product(blocks.count, blocks.block->port_count());
  }
  // `name_of` gives router r its name.
  [[nodiscard]] Built build(Builder& builder, const std::string& name,
                            const std::function<std::string(std::uint64_t)>& name_of) const;
};

// Reads `block`, `link` and, at `per_router_key`, how many blocks a router takes (`otherwise` where the key is absent;
// 0: it is required).
[[nodiscard]] Routers read_routers(yaml::Map& map, std::uint64_t count, std::string_view per_router_key,
                                   std::uint64_t otherwise = 0);

}  // namespace orrery
