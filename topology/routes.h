// Which links a transfer crosses: minimal routes, one fixed choice per (source, destination), found on demand.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "topology/distance_field.h"
#include "topology/fabric.h"

namespace orrery {

// From the engine of one chip to the engine of another, by the fewest hops. HBM and on-package links are no part of it.
//
// What a route may pass through. Switches and NICs; other chips' engines only if that leads nowhere (direct shapes,
// rails that no spine joins); hosts only if engines lead nowhere either. On a rail fat tree a transfer hence leaves by
// its own chip's NIC, and enters by the other chip's: on the same rail through that rail's leaves, between rails
// through the spine (or core) that joins them.
//
// Which of several equally short next hops. The lowest dimension first (meshes and tori route in order of dimension);
// then by destination, D-mod-k: chips are numbered leaf switch by leaf switch, and each choice among V next vertices
// takes number mod V and goes on with number ÷ V, which also picks among parallel cables to that vertex; the second
// half of a route repeats the numbers of the first, mirrored. Hence the destinations under a leaf spread evenly over
// its uplinks and over the cables that lead down to it, and the answer never depends on what was asked before.
//
// Cost: one search backwards from each destination, only as far as its sources so far; the searches of the most recent
// destinations are kept, kMostBytes of them at most.
class Routes {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{256} << 20U;

  // Keeps a pointer: the fabric must outlive the routes and stay where it is.
  explicit Routes(const Fabric& fabric);
  ~Routes();
  Routes(const Routes&) = delete;
  Routes& operator=(const Routes&) = delete;

  // In order of travel; valid until the next call. RunError("no path from … to …") when there is none. from == to:
  // empty.
  [[nodiscard]] std::span<const LinkId> route(ChipId from, ChipId to);
  [[nodiscard]] Duration latency(std::span<const LinkId> route) const;  // sum over its links
  [[nodiscard]] const Fabric& fabric() const { return *fabric_; }

 private:
  struct Fields;
  void walk(ChipId to, std::uint32_t vertex, std::uint32_t length, Transit transit);
  const Fabric* fabric_;
  std::unique_ptr<Fields> fields_;
  std::vector<LinkId> route_;
};

// The number that spreads destinations: chips in order of the outermost switch that they, or their NICs, hang on.
[[nodiscard]] Table<ChipId, std::uint32_t> spreading_order(const Fabric& fabric);

}  // namespace orrery
