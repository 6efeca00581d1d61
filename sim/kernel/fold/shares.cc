// One search outwards from all chips at once.
#include "sim/kernel/fold/shares.h"

#include "sim/kernel/excerpt.h"
#include "topology/adjacency.h"

namespace orrery::kernel {
namespace {

std::vector<std::uint32_t> shares_of_vertices(const Job& job) {
  const Fabric& fabric = *job.fabric;
  const Adjacency out(fabric, Adjacency::Direction::kOut);
  constexpr std::uint32_t kFar = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::uint32_t> share(fabric.vertices().size(), kNoShare);
  std::vector<std::uint32_t> hops(share.size(), kFar);
  std::vector<std::uint32_t> queue;
  for (std::size_t r = 0; r < job.placement->size(); ++r) {
    queue.push_back(fabric.engine((*job.placement)[RankId(r)]).index());
    share[queue.back()] = share_of(*job.program, RankId(r));
    hops[queue.back()] = 0;
  }
  for (std::size_t head = 0; head < queue.size(); ++head) {
    const std::uint32_t here = queue[head];
    for (const Adjacency::Arc& arc : out.arcs(here)) {
      if (hops[arc.other] == kFar) {
        hops[arc.other] = hops[here] + 1;
        share[arc.other] = share[here];
        queue.push_back(arc.other);
      } else if (hops[arc.other] == hops[here] + 1 && share[arc.other] != share[here]) {
        share[arc.other] = kNoShare;
      }
    }
  }
  return share;
}

}  // namespace

std::vector<std::uint32_t> shares_of_resources(const Job& job, const Resources& resources) {
  const Fabric& fabric = *job.fabric;
  const std::vector<std::uint32_t> vertices = shares_of_vertices(job);
  std::vector<std::uint32_t> shares(resources.size(), kNoShare);
  for (const ChipId chip : *job.placement)
    shares[resources.engine(chip).index()] = shares[resources.hbm(chip).index()] =
        vertices[fabric.engine(chip).index()];
  for (std::size_t l = 0; l < fabric.links().size(); ++l) {
    const Link& link = fabric.links()[LinkId(l)];
    const std::uint32_t from = vertices[link.from.index()];
    const std::uint32_t to = vertices[link.to.index()];
    std::uint32_t& share = shares[resources.link(LinkId(l)).index()];
    if (from == kNoShare || to == kNoShare || from == to) share = from == kNoShare ? to : from;
  }
  return shares;
}

}  // namespace orrery::kernel
