// Joins two hashed walks.
#include "topology/routing/detours.h"

#include <algorithm>

#include "topology/attachment.h"
#include "topology/routing/loops.h"

namespace orrery {

Detours::Detours(const Fabric& fabric)
    : walk_(fabric), hang_on_(attachments(fabric)), places_(hang_on_.begin(), hang_on_.end()) {
  std::sort(places_.begin(), places_.end());
  places_.erase(std::unique(places_.begin(), places_.end()), places_.end());
}

bool Detours::has_any(ChipId from, ChipId to) const {
  if (hang_on_[from] == hang_on_[to]) return false;
  const Fabric& fabric = walk_.fabric();
  const auto on_switch = [&](ChipId chip) { return hang_on_[chip] != fabric.engine(chip); };
  return fabric.node_of(from) != fabric.node_of(to) || !on_switch(from) || !on_switch(to);
}

void Detours::append(ChipId from, ChipId to, std::uint64_t hash, std::vector<LinkId>& path) {
  const Fabric& fabric = walk_.fabric();
  const VertexId place = places_[scrambled(hash) % places_.size()];
  walk_.append(fabric.engine(from), place, hash, path);
  walk_.append(place, fabric.engine(to), hash, path);
  erase_loops(fabric, fabric.engine(from), path);
}

void Detours::append_shortest(ChipId from, ChipId to, std::uint64_t hash, std::vector<LinkId>& path) {
  walk_.append(walk_.fabric().engine(from), walk_.fabric().engine(to), hash, path);
}

}  // namespace orrery
