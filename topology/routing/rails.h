// Which rail each chip is on: the leaf switch of its NIC, as the leaf switches of its node are counted.
#pragma once

#include <optional>
#include <vector>

#include "topology/fabric.h"

namespace orrery {

// A node's rails are the switches that its NICs hang on, in order of its chips' NICs; so rail 3 of one node is rail 3
// of every other that is built alike, whatever leaf each hangs on.
struct Rails {
  std::size_t count = 0;              // of each node
  Table<ChipId, std::uint32_t> rail;  // of the chip's first NIC
  Table<ChipId, VertexId> nic;        // that one
};

// Empty where there are none: a chip without a NIC next to it, nodes of unequal numbers of rails, or a single rail, as
// where all NICs of a node hang on one leaf.
[[nodiscard]] std::optional<Rails> find_rails(const Fabric& fabric);

}  // namespace orrery
