// A shape against its closed forms: chips, other vertices, links, diameter, bisection.
#pragma once

#include <string>

#include "tests/topology/fixture.h"
#include "topology/bisection.h"
#include "topology/diameter.h"

namespace orrery::test {

inline constexpr double kRate = 100e9;
inline const std::string kLink = "link: {bandwidth: 100 GB/s, latency: 500 ns}";

inline void check_shape(const Fabric& fabric, std::size_t chips, std::size_t others, std::size_t links,
                        std::uint32_t hops, double bisected) {
  CHECK(fabric.chip_count() == chips);
  CHECK(fabric.vertices().size() == 2 * chips + others);
  CHECK(fabric.links().size() == 2 * chips + links);  // each chip has two on-package links
  const Diameter longest = diameter(fabric);
  CHECK(longest.hops == hops);
  CHECK(longest.destinations == chips);
  if (bisected > 0) CHECK(bisection(fabric)->bandwidth == bisected);
}

}  // namespace orrery::test
