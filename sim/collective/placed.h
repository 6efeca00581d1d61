// A schedule's transfers on the machine: what a byte of each draws on, and how long a step takes alone.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "sim/collective/lower.h"

namespace orrery {

// Adds up the uses of each resource; the result is in order of resource. The sums don't depend on the order given.
void merge(std::vector<Use>& uses);

// What a transfer carries over all its repeats, in pieces.
[[nodiscard]] inline double carried_pieces(const Transfer& transfer) {
  return static_cast<double>(std::int64_t{transfer.count} * transfer.pieces);
}

// What algorithms know of where these members stand. The fabric must outlive it.
[[nodiscard]] Group group_of(const Fabric& fabric, std::span<const ChipId> members);

class Placed {
 public:
  // `ways`: those of the schedule to switches of the network, which must outlive this.
  Placed(std::span<const ChipId> members, const CommunicationCosts& costs, Routes& routes, const Resources& resources,
         std::span<const WayToSwitch> ways = {});

  // Appends what `bytes` bytes of the transfer draw on: every link of its paths by their shares, the HBMs at both ends.
  // Returns the message's latency: that of the longest path and the step cost (network_step between nodes and to and
  // from switches of the network; none where these pass something on themselves).
  Duration append(const Transfer& transfer, double bytes, std::vector<Use>& uses) const;

  // Appends the paths that the transfer takes, and their links.
  void append_paths(const Transfer& transfer, std::vector<Path>& paths, std::vector<ResourceId>& links) const;

  // A step as a whole: its uses, merged, without engines; the longest chain of its messages' latencies.
  struct Whole {
    std::vector<Use> uses;
    Duration latency;
    double seconds = 0;  // alone: the longest of use ÷ capacity (without it: left out) and of bytes sent ÷ ceiling
    double most = std::numeric_limits<double>::infinity();  // steps a second under the ceiling
  };
  [[nodiscard]] Whole whole(const Step& step) const;

  // The step's messages that a member sends side by side share its ceiling: what each may do, bytes a second.
  [[nodiscard]] double ceiling_each(const Step& step) const;
  // The same of a message between nodes: the hosts' work for those that are sent side by side comes in turns.
  [[nodiscard]] double network_ceiling_each(const Step& step) const;
  // What the busiest host does for the step's messages between nodes.
  [[nodiscard]] double host_seconds(const Step& step) const;
  // After a step's last message, before its receiver is done.
  [[nodiscard]] Duration drain(const Step& step) const;

  [[nodiscard]] double capacity(ResourceId resource) const { return resources_.capacities()[resource.index()]; }
  [[nodiscard]] ResourceId engine(std::size_t position) const { return resources_.engine(members_[position]); }
  [[nodiscard]] std::size_t size() const { return members_.size(); }
  [[nodiscard]] const CommunicationCosts& costs() const { return costs_; }
  // Between two nodes, or over the network to or from a switch of it.
  [[nodiscard]] bool leaves_node(const Transfer& transfer) const;

 private:
  // How long the ceilings alone make a step last.
  [[nodiscard]] double ceilings_seconds(const Step& step) const;
  // Alone: the rate in bytes a second of the slowest of the step's transfers.
  [[nodiscard]] double slowest_rate(const Step& step) const;
  [[nodiscard]] ChipId chip(std::int32_t position) const;
  [[nodiscard]] double wire(LinkId link) const;  // bytes on it for each byte of data
  [[nodiscard]] Duration step_cost(const Transfer& transfer) const;
  // Those that lead over the network to or from a switch; nullptr for all other transfers.
  [[nodiscard]] const std::vector<LinkId>* way(const Transfer& transfer) const;
  // Another of its node.
  [[nodiscard]] std::int32_t neighbour(std::int32_t position) const;
  // Valid until the next call. Half a way, between a member and a switch that adds or copies, is one path.
  [[nodiscard]] const PathBundle& paths(const Transfer& transfer) const;

  std::span<const ChipId> members_;
  const CommunicationCosts& costs_;
  Routes& routes_;
  const Resources& resources_;
  std::map<std::pair<std::int32_t, std::int32_t>, const std::vector<LinkId>*> ways_;  // by sender and receiver
  mutable PathBundle half_;                                                           // of paths()
  // By node, for neighbour(): its first two positions. Filled where it is first asked for.
  mutable std::map<std::uint32_t, std::pair<std::int32_t, std::int32_t>> pairs_;
};

}  // namespace orrery
