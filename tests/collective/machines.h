// Small fabrics whose numbers are easy to reckon with.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "topology/fabric.h"

namespace machines {

struct Wire {
  std::int64_t bandwidth = 25'000'000'000;
  std::int64_t latency = 1000;  // ps, each link
};

inline orrery::Fabric bare(std::int64_t hbm_bandwidth) {
  orrery::Chip chip;
  chip.name = "test";
  chip.cores = 1;
  chip.hbm.bandwidth = orrery::Bandwidth::bytes_per_second(hbm_bandwidth);
  return orrery::Fabric(chip);
}

inline void cable(orrery::Fabric& fabric, orrery::VertexId a, orrery::VertexId b, Wire wire,
                  orrery::LinkKind kind = orrery::LinkKind::kNetwork, orrery::Tier tier = orrery::Tier::kRail) {
  fabric.add_cable({.from = a,
                    .to = b,
                    .bandwidth = orrery::Bandwidth::bytes_per_second(wire.bandwidth),
                    .latency = orrery::Duration::picoseconds(wire.latency),
                    .kind = kind,
                    .tier = tier});
}

constexpr std::int64_t kFastHbm = 100'000'000'000'000;

// n chips on one switch: two links from chip to chip.
inline orrery::Fabric single_switch(std::size_t chips, Wire wire, std::int64_t hbm_bandwidth = kFastHbm) {
  orrery::Fabric fabric = bare(hbm_bandwidth);
  const orrery::VertexId middle = fabric.add_vertex({orrery::VertexKind::kSwitch, {}, "switch"});
  for (std::size_t c = 0; c < chips; ++c) {
    const orrery::ChipId chip = fabric.add_chip(0, "chip" + std::to_string(c));
    cable(fabric, fabric.engine(chip), middle, wire);
  }
  return fabric;
}

// n chips in a circle, neighbours joined both ways: one link from each to the next.
inline orrery::Fabric circle(std::size_t chips, Wire wire, std::int64_t hbm_bandwidth = kFastHbm) {
  orrery::Fabric fabric = bare(hbm_bandwidth);
  for (std::size_t c = 0; c < chips; ++c) fabric.add_chip(static_cast<std::uint32_t>(c), "chip" + std::to_string(c));
  for (std::size_t c = 0; c < (chips == 2 ? 1 : chips); ++c)
    cable(fabric, fabric.engine(orrery::ChipId(c)), fabric.engine(orrery::ChipId((c + 1) % chips)), wire);
  return fabric;
}

// Nodes of chips on a fast switch, each chip with a NIC of its own on the switch of its rail.
inline orrery::Fabric rails(std::size_t nodes, std::size_t each, Wire inside, Wire rail) {
  orrery::Fabric fabric = bare(kFastHbm);
  std::vector<orrery::VertexId> leaves;
  for (std::size_t r = 0; r < each; ++r)
    leaves.push_back(fabric.add_vertex({orrery::VertexKind::kSwitch, {}, "leaf" + std::to_string(r)}));
  for (std::size_t n = 0; n < nodes; ++n) {
    const std::string name = "node" + std::to_string(n);
    const orrery::VertexId inner = fabric.add_vertex({orrery::VertexKind::kSwitch, {}, name + "/switch"});
    for (std::size_t r = 0; r < each; ++r) {
      const orrery::ChipId chip = fabric.add_chip(static_cast<std::uint32_t>(n), name + "/chip" + std::to_string(r));
      cable(fabric, fabric.engine(chip), inner, inside, orrery::LinkKind::kNvlink, orrery::Tier::kScaleUp);
      const orrery::VertexId nic = fabric.add_vertex({orrery::VertexKind::kNic, {}, name + "/nic" + std::to_string(r)});
      cable(fabric, fabric.engine(chip), nic, inside, orrery::LinkKind::kPcie, orrery::Tier::kHost);
      cable(fabric, nic, leaves[r], rail);
    }
  }
  return fabric;
}

}  // namespace machines
