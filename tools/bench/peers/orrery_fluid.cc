// Orrery's side: the fluid network with weights of 1 / path latency, as SimGrid's CM02 shares.
#include <algorithm>
#include <cassert>
#include <span>

#include "sim/network/network.h"
#include "tools/bench/peers/simulator.h"

namespace orrery::peers {

Outcome run_orrery(const Workload& work) {
  const FatTree tree = fat_tree_of(work.hosts);
  const auto network = Networks::find("fluid")->make({.capacities = std::vector<double>(tree.links(), kBandwidth)});
  const Routes routes(tree);
  Outcome outcome;
  outcome.ends.resize(work.round.size());
  std::vector<std::uint32_t> done;
  const double before = cpu_seconds();
  Time now;
  const std::span<const Flow> flows = work.round;
  for (std::uint32_t round = 0; round < work.rounds; ++round) {
    const Time base = now;
    const auto start_of = [&](std::size_t flow) {
      return flow < flows.size() ? base + Duration::picoseconds(flows[flow].start) : Time::max();
    };
    std::size_t next = 0;
    Time start = start_of(next);
    std::size_t left = flows.size();
    while (left > 0) {
      const Time event = network->next_event();
      now = std::min(event, start);
      assert(now < Time::max());
      if (event == now) {
        done.clear();
        network->advance(now, done);
        for (const std::uint32_t flow : done) outcome.ends[flow] = now.in_seconds();
        left -= done.size();
      }
      for (; start == now; start = start_of(++next)) {
        const Flow& flow = flows[next];
        const Path path = routes.path(flow.from, flow.to);
        std::array<Use, 6> uses;
        for (std::uint32_t k = 0; k < path.hops; ++k) uses[k] = {ResourceId(path.link[k]), 1};
        Activity activity;
        activity.uses = std::span<const Use>(uses.data(), path.hops);
        activity.amount = flow.bytes;
        activity.weight = 1.0 / path.hops;
        activity.latency = Duration::picoseconds(kLatency * path.hops);
        activity.tag = static_cast<std::uint32_t>(next);
        network->start(activity, now);
      }
    }
  }
  outcome.cpu = cpu_seconds() - before;
  outcome.end = now.in_seconds();
  return outcome;
}

}  // namespace orrery::peers
