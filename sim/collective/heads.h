// All-reduces in which each member of a node answers for a share of the vector, and switches add: what they have in
// common.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/collective/nodes.h"
#include "sim/collective/trees.h"

namespace orrery {

// A tree over places: a group's members 0 … n − 1, then switches; kNowhere: no part of it. Its switches number
// `first_switch` and on in the schedule.
struct SwitchedTree {
  Tree parents;
  std::int32_t first_switch = 0;
};
inline constexpr std::int32_t kNowhere = -2;

// The members of each node that answer for the shares: as many a node as the smallest has. Share h is `of(h)`'s.
class Heads {
 public:
  // How the members of a node meet their head.
  enum class Inside : std::uint8_t {
    kSwitch,  // in the node's switch: NVLink SHARP. Switches 0 … nodes − 1 of each tree; in a node of one there is none
    kDirect,  // each hangs on the head itself
  };
  Heads(const Group& group, Inside inside) : nodes_(by_node(group)), members_(group.size()), inside_(inside) {}

  [[nodiscard]] std::size_t members() const { return members_; }
  [[nodiscard]] std::size_t nodes() const { return nodes_.size(); }
  [[nodiscard]] std::size_t shares() const { return least_members(nodes_); }
  [[nodiscard]] std::vector<std::int32_t> of(std::size_t share) const;  // by node
  // Share h's tree as far as it stands within nodes: every head is a root.
  [[nodiscard]] Tree within(std::size_t share) const;

 private:
  Nodes nodes_;
  std::size_t members_;
  Inside inside_;
};

// All-reduce (or barrier) over trees that share the vector equally, in so many chunks that follow each other. In a tree
// of depth h the places at depth d send chunk k up in repeat h − d + k, and it comes to depth d + 1 in repeat h + d +
// k; latency counts once for the 2h hops. Up and down are channels of their own: only the root, which turns a chunk
// round, awaits what comes up before it sends down. A switch below a member (its head) adds the head's own part as
// well, and hands back the sum to the head too: NVLink SHARP sums in all memories and stores to all.
[[nodiscard]] Schedule along_switched_trees(CollectiveKind kind, const std::vector<SwitchedTree>& trees,
                                            std::size_t members, Bytes bytes, std::int64_t chunks);

// The same where the heads of each share meet in a tree of the network's switches. Empty where the group has none.
[[nodiscard]] Schedule through_network_switches(CollectiveKind kind, const Group& group, Heads::Inside inside,
                                                Bytes bytes);

// All-reduce and barrier.
[[nodiscard]] bool sums_for_all(CollectiveKind kind);

}  // namespace orrery
