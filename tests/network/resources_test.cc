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

TEST_CASE("what touches a chip or a NIC is a port, what joins switches is inside, and each link has its latency") {
  orrery::Fabric fabric{orrery::Chip()};
  const orrery::ChipId chip = fabric.add_chip(0, "chip");
  const auto nic = fabric.add_vertex({orrery::VertexKind::kNic, {}, "nic"});
  const auto leaf = fabric.add_vertex({orrery::VertexKind::kSwitch, {}, "leaf"});
  const auto spine = fabric.add_vertex({orrery::VertexKind::kSwitch, {}, "spine"});
  const auto cable = [&](orrery::VertexId a, orrery::VertexId b, std::int64_t ns) {
    return fabric.add_cable({.from = a,
                             .to = b,
                             .bandwidth = Bandwidth::bytes_per_second(1),
                             .latency = orrery::Duration::nanoseconds(ns)});
  };
  const LinkId pcie = cable(fabric.engine(chip), nic, 1);
  const LinkId access = cable(nic, leaf, 2);
  const LinkId up = cable(leaf, spine, 3);

  const orrery::Resources resources(fabric);
  const orrery::Wires& wires = resources.wires();
  CHECK(wires.capacities.size() == wires.kinds.size());
  CHECK(wires.latencies.size() == wires.kinds.size());
  const auto kind = [&](ResourceId id) { return wires.kinds[id.index()]; };
  CHECK(kind(resources.engine(chip)) == orrery::WireKind::kNone);
  CHECK(kind(resources.hbm(chip)) == orrery::WireKind::kNone);
  for (std::size_t way = 0; way < 2; ++way) {
    CHECK(kind(resources.link(LinkId(pcie.index() + way))) == orrery::WireKind::kPort);
    CHECK(kind(resources.link(LinkId(access.index() + way))) == orrery::WireKind::kPort);
    CHECK(kind(resources.link(LinkId(up.index() + way))) == orrery::WireKind::kInside);
    CHECK(wires.latencies[resources.link(LinkId(up.index() + way)).index()] == orrery::Duration::nanoseconds(3));
  }
  // On-package links draw on the memory: they are no wire of their own.
  for (std::size_t l = 0; l < fabric.links().size(); ++l)
    if (fabric.links()[LinkId(l)].kind == orrery::LinkKind::kOnPackage)
      CHECK(kind(resources.link(LinkId(l))) == orrery::WireKind::kNone);
}
