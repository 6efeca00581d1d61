// The shortest ways between vertices: how long they are, and at each vertex the next hops that are equally good.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "topology/approach.h"
#include "topology/fabric.h"

namespace orrery {

// What a way may pass through: switches and NICs; other chips' engines only if that leads nowhere (direct shapes, rails
// that no spine joins); hosts only if engines lead nowhere either. HBM and on-package links are no part of it.
//
// Cost: one search backwards from each destination's gateway (approach.h), only as far as what asked for it so far; the
// most recent searches are kept, kMostBytes of them at most (and the one under way). Nothing is kept for a pair.
class MinimalPaths {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{256} << 20U;

  // Keeps a pointer: the fabric must outlive this and stay where it is.
  explicit MinimalPaths(const Fabric& fabric);

  // From one vertex to another, under the strictest rule that has a way. Good until the next descent().
  struct Descent {
    std::uint32_t length = 0;  // hops
    Transit transit = Transit::kNetwork;
    const Approach* approach = nullptr;
    const DistanceField* beyond = nullptr;  // from the gateway on

    // Whether a vertex is so many hops from the end, less than the start is. Of vertices with at least so many.
    [[nodiscard]] bool is_at(std::uint32_t vertex, std::uint32_t hops) const;
    // Whether what comes next at a vertex is the same for all destinations behind the gateway. From what lies before it
    // nothing leads behind it but the gateway itself.
    [[nodiscard]] bool is_shared(std::uint32_t vertex) const {
      return approach->at(vertex) == DistanceField::kUnreached;
    }
  };
  // RunError("no path from … to …") when there is none.
  [[nodiscard]] Descent descent(VertexId from, VertexId to);

  // Appends every hop from `vertex`, which is `left` > 0 hops from the end, that leads nearer; in order of link.
  void append_hops(const Descent& descent, VertexId vertex, std::uint32_t left,
                   std::vector<Adjacency::Arc>& hops) const;

  [[nodiscard]] const Fabric& fabric() const { return *fabric_; }
  [[nodiscard]] VertexKind kind(std::uint32_t vertex) const { return kinds_[vertex]; }

 private:
  // What is known of a vertex as a destination, and as a gateway to others.
  struct Search {
    std::array<Approach, kTransitCount> approaches;  // by rule
    std::array<bool, kTransitCount> approached{};
    std::array<DistanceField, kTransitCount> fields;
    std::size_t bytes = 0;
  };

  Search& search_of(std::uint32_t vertex);
  void weigh(Search& search);
  Descent reach(VertexId from, VertexId to, Transit transit);
  void make_room();

  const Fabric* fabric_;
  Adjacency out_;
  Adjacency in_;
  std::vector<VertexKind> kinds_;
  std::vector<std::uint32_t> unreached_;           // by vertex: for find_approach()
  std::vector<std::unique_ptr<Search>> searches_;  // by vertex
  std::deque<std::uint32_t> kept_;                 // whose searches are there, oldest first
  std::size_t bytes_ = 0;                          // of all searches
};

}  // namespace orrery
