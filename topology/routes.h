// Which links a transfer crosses: the paths of a pair of chips and the share of each, found on demand.
#pragma once

#include <memory>
#include <span>

#include "topology/known_paths.h"
#include "topology/path_bundle.h"
#include "topology/routing/routing.h"

namespace orrery {

// From the engine of one chip to the engine of another, as a routing (topology/routing) chooses. What a path may pass
// through is said in topology/minimal_paths.h. On a rail fat tree a minimal route hence leaves by its own chip's NIC,
// and enters by the other chip's: on the same rail through that rail's leaves, between rails through the spine (or
// core) that joins them.
class Routes {
 public:
  // Keeps a pointer: the fabric must outlive the routes and stay where it is. `routing` empty: minimal.
  explicit Routes(const Fabric& fabric, const RoutingMaker& routing = {})
      : fabric_(&fabric), routing_(routing ? routing(fabric) : make_minimal_routing(fabric)) {}

  // One or more; valid until the next call. RunError("no path from … to …") when there is none. from == to: one path
  // without a link.
  [[nodiscard]] const PathBundle& paths(ChipId from, ChipId to);
  // The first of them.
  [[nodiscard]] std::span<const LinkId> route(ChipId from, ChipId to) { return paths(from, to)[0].links; }
  // What was asked before no longer counts: for a routing whose answers depend on it.
  void forget() { routing_->forget(); }
  [[nodiscard]] bool depends_on_order() const { return routing_->depends_on_order(); }
  [[nodiscard]] std::uint64_t period() const { return routing_->period(); }  // routing.h

  [[nodiscard]] Duration latency(std::span<const LinkId> route) const;  // sum over its links
  [[nodiscard]] Duration longest_latency(const PathBundle& paths) const;
  [[nodiscard]] const Fabric& fabric() const { return *fabric_; }

 private:
  const Fabric* fabric_;
  std::unique_ptr<Routing> routing_;
  PathBundle paths_;
  KnownPaths known_;  // of a routing that always answers the same
};

}  // namespace orrery
