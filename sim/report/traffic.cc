// Adds up the work of links by tier and by distance from the chips.
#include "sim/report/traffic.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>

#include "sim/network/resources.h"
#include "topology/adjacency.h"

namespace orrery {
namespace {

// How far a vertex is from the nearest chips, and whether one of those is in use.
struct Reach {
  std::uint32_t hops = std::numeric_limits<std::uint32_t>::max();
  bool used = false;
};

std::vector<Reach> reach_of(const Fabric& fabric, const Placement& placement) {
  const Adjacency out(fabric, Adjacency::Direction::kOut);
  std::vector<Reach> reach(fabric.vertices().size());
  std::vector<std::uint32_t> queue;
  for (std::size_t chip = 0; chip < fabric.chip_count(); ++chip) {
    queue.push_back(fabric.engine(ChipId(chip)).index());
    reach[queue.back()].hops = 0;
  }
  for (const ChipId chip : placement) reach[fabric.engine(chip).index()].used = true;
  for (std::size_t head = 0; head < queue.size(); ++head) {
    const Reach here = reach[queue[head]];
    for (const Adjacency::Arc& arc : out.arcs(queue[head])) {
      Reach& there = reach[arc.other];
      if (there.hops == std::numeric_limits<std::uint32_t>::max()) {
        there.hops = here.hops + 1;
        queue.push_back(arc.other);
      }
      if (there.hops == here.hops + 1) there.used = there.used || here.used;
    }
  }
  return reach;
}

struct Flow {
  double bytes = 0;
  double rate = 0;
  [[nodiscard]] double seconds() const { return rate > 0 ? bytes / rate : 0; }
};

struct Level {  // links at one distance from the chips
  Flow outward;
  Flow inward;
};

struct Tally {
  double utilization = 0;
  double links = 0;
  TierTraffic traffic;
  std::map<std::uint32_t, Level> levels;
};

}  // namespace

std::vector<TierTraffic> tier_traffic(const Fabric& fabric, const Placement& placement, const RunResult& result) {
  const Resources resources(fabric);
  const std::vector<Reach> reach = reach_of(fabric, placement);
  const double step = result.step.in_seconds();
  std::array<Tally, kTierCount> tallies;
  for (std::size_t i = 0; i < fabric.links().size(); ++i) {
    const Link& link = fabric.links()[LinkId(i)];
    const Reach& from = reach[link.from.index()];
    const Reach& to = reach[link.to.index()];
    if (link.kind == LinkKind::kOnPackage || !from.used || !to.used) continue;
    const std::uint32_t resource = resources.link(LinkId(i)).index();
    const double bytes = result.resource_work[resource];
    const double rate = resources.capacities()[resource];

    Tally& tally = tallies[static_cast<std::size_t>(link.tier)];
    const double utilization = step > 0 ? bytes / (rate * step) : 0;
    tally.utilization += utilization;
    tally.links += 1;
    if (!tally.traffic.busiest.valid() || utilization > tally.traffic.highest_utilization) {
      tally.traffic.busiest = LinkId(i);
      tally.traffic.highest_utilization = utilization;
    }
    Level& level = tally.levels[std::min(from.hops, to.hops)];
    Flow& flow = from.hops <= to.hops ? level.outward : level.inward;  // between equals, both ways lead out
    flow.bytes += bytes;
    flow.rate += rate;
  }

  const auto chips = static_cast<double>(placement.size());
  std::vector<TierTraffic> found;
  for (std::size_t t = 0; t < kTierCount; ++t) {
    Tally& tally = tallies[t];
    if (tally.links == 0) continue;
    tally.traffic.tier = static_cast<Tier>(t);
    tally.traffic.mean_utilization = tally.utilization / tally.links;
    Flow slowest;
    for (const auto& [hops, level] : tally.levels)
      for (const Flow& flow : {level.outward, level.inward})
        if (slowest.rate == 0 || flow.seconds() > slowest.seconds()) slowest = flow;
    tally.traffic.bytes_per_chip = slowest.bytes / chips;
    tally.traffic.rate_per_chip = slowest.rate / chips;
    found.push_back(tally.traffic);
  }
  return found;
}

}  // namespace orrery
