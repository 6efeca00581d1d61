// The routing `rail_aligned`: between nodes, onto the destination's rail inside the node first, then along that rail.
//
// What NCCL does with PXN (NCCL 2.12, 2022): a chip hands its bytes over NVLink to the chip of its own node that is on
// the rail of the destination, and they leave by that chip's NIC; so no bytes cross between rails in spine switches.
// The chip in between lends its links, not its HBM or engine. Which one: of those on that rail, the one whose place in
// the node is nearest to the destination's place in its own (the same place, where nodes are alike). Inside a node, and
// where the source is on the rail already, routes are minimal; so are all the pieces of a path.
#include <algorithm>

#include "topology/routing/loops.h"
#include "topology/routing/rails.h"
#include "topology/routing/routing.h"
#include "topology/routing/static_walk.h"

namespace orrery {
namespace {

class RailAligned final : public Routing {
 public:
  explicit RailAligned(const Fabric& fabric) : walk_(fabric), rails_(*find_rails(fabric)), nodes_(fabric.node_count()) {
    for (std::size_t i = 0; i < fabric.chip_count(); ++i) {
      std::vector<ChipId>& node = nodes_[fabric.node_of(ChipId(i))];
      place_.add(static_cast<std::uint32_t>(node.size()));
      node.emplace_back(i);
    }
  }

  void find(ChipId from, ChipId to, PathBundle& bundle) override {
    const Fabric& fabric = walk_.fabric();
    path_.clear();
    if (fabric.node_of(from) == fabric.node_of(to)) {
      walk_.append(from, to, path_);
    } else {
      const ChipId by = leaves_by(from, to);
      const VertexId nic = rails_.nic[by];
      walk_.append(from, by, path_);
      walk_.append(fabric.engine(by), nic, to, path_);
      walk_.append(nic, fabric.engine(to), to, path_);
      erase_loops(fabric, fabric.engine(from), path_);
    }
    bundle.add(path_, 1);
  }
  [[nodiscard]] std::uint64_t period() const override { return walk_.period(); }

 private:
  [[nodiscard]] ChipId leaves_by(ChipId from, ChipId to) const {
    if (rails_.rail[from] == rails_.rail[to]) return from;
    const auto apart = [&](ChipId chip) {
      return std::max(place_[chip], place_[to]) - std::min(place_[chip], place_[to]);
    };
    ChipId best;
    for (const ChipId chip : nodes_[walk_.fabric().node_of(from)])
      if (rails_.rail[chip] == rails_.rail[to] && (!best.valid() || apart(chip) < apart(best))) best = chip;
    return best;  // each node has each rail
  }

  StaticWalk walk_;
  Rails rails_;
  std::vector<std::vector<ChipId>> nodes_;
  Table<ChipId, std::uint32_t> place_;  // in its node
  std::vector<LinkId> path_;
};

RoutingMaker read_rail_aligned(const RoutingText& text, const Fabric& fabric) {
  if (!find_rails(fabric))
    text.name.fail(
        "this fabric has no rails: they need a NIC for each chip, and leaf switches of which a node has several");
  return [](const Fabric& its) { return std::make_unique<RailAligned>(its); };
}

const Routings::Entry kRailAligned{
    {"rail_aligned", "by NVLink to the chip on the destination's rail, then along that rail, as NCCL's PXN",
     &read_rail_aligned}};

}  // namespace
}  // namespace orrery
