// The numbering of engines, memories and links, and their capacities.
#include "sim/network/resources.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

using orrery::Bandwidth;
using orrery::ChipId;
using orrery::LinkId;
using orrery::ResourceId;

TEST_CASE("engines, memories and links each have a resource of their own, with what is left of the printed rate") {
  orrery::Chip chip;
  chip.hbm.bandwidth = Bandwidth::bytes_per_second(2'000'000'000'000);
  chip.hbm.efficiency = 0.75;
  orrery::Fabric fabric(chip);
  for (int c = 0; c < 3; ++c) fabric.add_chip(0, "chip" + std::to_string(c));
  const LinkId cable = fabric.add_cable({.from = fabric.engine(ChipId(std::size_t{0})),
                                         .to = fabric.engine(ChipId(std::size_t{1})),
                                         .bandwidth = Bandwidth::bytes_per_second(25'000'000'000),
                                         .efficiency = 0.5,
                                         .latency = {}});

  const orrery::Resources resources(fabric);
  const auto capacity = [&](ResourceId id) { return resources.capacities()[id.index()]; };
  CHECK(resources.size() == 3 + 3 + fabric.links().size());
  std::set<ResourceId> seen;
  for (std::size_t c = 0; c < 3; ++c) {
    CHECK(capacity(resources.engine(ChipId(c))) == 1);
    CHECK(capacity(resources.hbm(ChipId(c))) == 1.5e12);
    seen.insert(resources.engine(ChipId(c)));
    seen.insert(resources.hbm(ChipId(c)));
  }
  for (std::size_t l = 0; l < fabric.links().size(); ++l) seen.insert(resources.link(LinkId(l)));
  CHECK(seen.size() == resources.size());
  CHECK(capacity(resources.link(cable)) == 12.5e9);
  CHECK(capacity(resources.link(LinkId(cable.index() + std::size_t{1}))) == 12.5e9);
}
