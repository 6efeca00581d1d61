// Which links a transfer crosses: minimal routes, one fixed choice per (source, destination), found on demand.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "topology/fabric.h"

namespace orrery {

// Shortest by hops from the engine of one chip to the engine of another; never through another chip's engine unless the
// fabric offers nothing else (direct-connect shapes); HBM and on-package links are not part of a route. Among equal
// next hops towards a destination the choice is static: by destination (D-mod-k), so that an up/down fat tree spreads
// destinations evenly and the answer never depends on the order of asking. Memory is bounded: distance fields are kept
// for the most recent destinations only.
class Routes {
 public:
  explicit Routes(const Fabric& fabric);
  ~Routes();
  Routes(const Routes&) = delete;
  Routes& operator=(const Routes&) = delete;

  // In order of travel; valid until the next call. RunError("no path from … to …") when there is none. from == to:
  // empty.
  [[nodiscard]] std::span<const LinkId> route(ChipId from, ChipId to);
  [[nodiscard]] Duration latency(std::span<const LinkId> route) const;  // sum over its links

 private:
  struct Fields;
  const Fabric* fabric_;
  std::unique_ptr<Fields> fields_;
  std::vector<LinkId> route_;
};

}  // namespace orrery
