// All-to-all by rails (PXN): over NVLink to the chip on the destination's rail, then one message for all its node
// sends.
//
// First each member gives its node's member on rail j all blocks for chips on rail j of any node; then that member
// sends each node's chip on its rail one message with what its whole node has for it. Messages between nodes stay on
// their rail, so that leaf switches suffice, and are as many as nodes instead of chips: for m nodes of g, m − 1 of gS/n
// a NIC instead of n − g of S/n. The price is up to (g−1)/g of S over NVLink: (α₁ + (g−1)S/(gB₁)) + (α₂ +
// (m−1)S/(mB₂)). In nodes of unequal size the chip number i of a node is on rail i mod g of a node of g. Real PXN
// pipelines both hops in chunks; here the second begins when a chip has all of the first. Source: Zhou et al. 2022,
// "Doubling all2all performance with NVIDIA Collective Communication Library 2.12", NVIDIA blog.
#include "sim/collective/blocks.h"
#include "sim/collective/nodes.h"

namespace orrery {

namespace {

std::size_t at(std::int32_t position) { return static_cast<std::size_t>(position); }

void add(std::int32_t from, std::int32_t to, std::int32_t units, Step& step) {
  if (units > 0) step.transfers.push_back({.from = from, .to = to, .piece = kAnyPiece, .pieces = units});
}

// Within each node, to the member on the destination's rail.
Step to_rails(const Nodes& nodes, const ExchangeBlocks& blocks) {
  Step step;
  for (const std::vector<std::int32_t>& members : nodes) {
    for (std::size_t i = 0; i < members.size(); ++i) {
      std::vector<std::int32_t> units(members.size(), 0);  // by rail
      for (const std::vector<std::int32_t>& others : nodes)
        for (std::size_t k = 0; k < others.size(); ++k)
          if (others[k] != members[i]) units[k % members.size()] += blocks.units(at(members[i]), at(others[k]));
      for (std::size_t distance = 1; distance < members.size(); ++distance) {
        const std::size_t rail = (i + distance) % members.size();
        add(members[i], members[rail], units[rail], step);
      }
    }
  }
  return step;
}

// From each node's member on the rail to the destination; nodes begin with the next one up.
Step along_rails(const Nodes& nodes, const ExchangeBlocks& blocks) {
  Step step;
  for (std::size_t distance = 1; distance < nodes.size(); ++distance) {
    for (std::size_t a = 0; a < nodes.size(); ++a) {
      const std::vector<std::int32_t>& from = nodes[a];
      const std::vector<std::int32_t>& to = nodes[(a + distance) % nodes.size()];
      for (std::size_t k = 0; k < to.size(); ++k) {
        std::int32_t units = 0;
        for (const std::int32_t source : from) units += blocks.units(at(source), at(to[k]));
        add(from[k % from.size()], to[k], units, step);
      }
    }
  }
  return step;
}

bool supports_pxn(CollectiveKind kind) {
  return kind == CollectiveKind::kAllToAll || kind == CollectiveKind::kAllToAllV;
}

Schedule write_pxn(CollectiveKind, const Group& group, Bytes bytes) {
  check_members("pxn", group.size(), kMostAllPairs);
  if (group.size() < 2) return {};
  const ExchangeBlocks blocks(group, bytes);
  const Nodes nodes = by_node(group);
  Schedule schedule;
  schedule.pieces = static_cast<std::int32_t>(group.size() * group.size());
  for (Step& step : std::vector<Step>{to_rails(nodes, blocks), along_rails(nodes, blocks)}) {
    step.bytes = blocks.unit();
    if (!step.transfers.empty()) schedule.steps.push_back(std::move(step));
  }
  return schedule;
}

const CollectiveAlgorithms::Entry kPxn{{"pxn",
                                        "all-to-all over NVLink to the destination's rail, then one message a node",
                                        kMostAllPairs, &supports_pxn, &write_pxn}};

}  // namespace

}  // namespace orrery
