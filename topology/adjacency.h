// A fabric's links by vertex in flat arrays: what routing and surveying walk over.
#pragma once

#include <span>
#include <vector>

#include "topology/fabric.h"

namespace orrery {

// On-package links are left out: HBM stacks are no part of the way between chips. Links of a vertex are in order of id.
class Adjacency {
 public:
  enum class Direction { kOut, kIn };
  Adjacency(const Fabric& fabric, Direction direction);

  struct Arc {
    std::uint32_t link;   // LinkId
    std::uint32_t other;  // VertexId at the far end
  };
  [[nodiscard]] std::span<const Arc> arcs(std::uint32_t vertex) const {
    return std::span(arcs_).subspan(first_[vertex], first_[vertex + 1] - first_[vertex]);
  }
  [[nodiscard]] std::size_t vertex_count() const { return first_.size() - 1; }

 private:
  std::vector<std::uint32_t> first_;
  std::vector<Arc> arcs_;
};

}  // namespace orrery
