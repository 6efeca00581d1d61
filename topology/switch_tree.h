// The tree of switches that joins some chips, as a network that adds and copies in its switches (SHARP) would lay it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "topology/fabric.h"

namespace orrery {

// Both ways between a chip or a switch and what it hangs on, link by link in order of travel. What lies between them
// (NICs, switches on the way of one alone, PCIe switches) only passes on.
struct SwitchWay {
  std::vector<LinkId> up;
  std::vector<LinkId> down;
};

struct SwitchTree {
  static constexpr std::int32_t kRootSwitch = -1;
  std::vector<std::int32_t> above;   // by switch of the tree: the one that it hangs on; of the root kRootSwitch
  std::vector<SwitchWay> ways;       // by switch: to that one; of the root empty
  std::vector<std::int32_t> under;   // by chip: the switch that it hangs on
  std::vector<SwitchWay> chip_ways;  // by chip: to that one
  std::vector<VertexId> vertices;    // by switch
};

// A breadth-first tree: its root is a switch of the network in the middle of the way from the first chip to the one
// farthest from it, every chip hangs on the root by a shortest way, no two ways split and meet again. Each link of the
// tree leads once up and once down. Of equally good roots, and of cables side by side, the first chip's number chooses,
// so that groups that stand beside each other use different ones. Ways lead through switches and NICs only.
// Without a switch (chips joined to each other, or not at all) the tree is empty. O(vertices + links).
[[nodiscard]] SwitchTree switch_tree(const Fabric& fabric, std::span<const ChipId> chips);

}  // namespace orrery
