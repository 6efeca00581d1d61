// The cable from one chip straight to another.
#pragma once

#include <optional>

#include "topology/fabric.h"

namespace orrery {

// The first of them; nothing where all ways lead through something else.
[[nodiscard]] inline std::optional<LinkId> cable_between(const Fabric& fabric, ChipId from, ChipId to) {
  const Fabric::Graph& graph = fabric.graph();
  const auto index = boost::get(boost::edge_index, graph);
  const auto [first, last] = boost::out_edges(fabric.engine(from).index(), graph);
  for (auto edge = first; edge != last; ++edge)
    if (boost::target(*edge, graph) == fabric.engine(to).index()) return LinkId(index[*edge]);
  return std::nullopt;
}

}  // namespace orrery
