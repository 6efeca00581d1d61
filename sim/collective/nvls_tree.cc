// NVLS-tree: NVLink SHARP inside each node, double binary trees between the nodes' heads.
//
// Of a vector of S bytes over m nodes of g members, member h of every node is head of a share S/g: its node's switch
// sums that share out of all memories for it, it goes up and down two trees over the nodes' heads h (half of it each),
// and the head stores the result to all through the switch. A member's NVLink carries S(1 + 1/g) each way, as NVLS does
// alone; a head's NIC about 2S/g each way (1·S/g where there are two nodes, so that bus bandwidth then passes g times
// the NIC's), at 2⌊log₂ m⌋ hops between nodes: α(4 inside + 2h) + the longest of both, chunk after chunk.
//
// A turn moves a chunk (cutting.h) of every head's share. A chunk's way is gather, up, down, spread:
// that fills the pipeline with 2h − 1 turns for h levels, of which most of what a few MiB take is made.
// Sources: NCCL 2.18 and later (algorithm NVLSTree): src/graph/connect.cc, src/device/all_reduce.h; trees as in
// double_binary_tree.cc.
//
// Nodes of one size or not: there are as many heads as the smallest node has members. One node is NVLS, one member a
// node the double tree alone: then a schedule is empty.
#include <algorithm>

#include "sim/collective/cutting.h"
#include "sim/collective/heads.h"

namespace orrery {

namespace {

constexpr std::int64_t kMostTurns = 512;

// A switch hands on what comes while it comes; in a schedule it takes a turn of its own, on the way up and down. So the
// 2h − 1 turns here are made as long together as the 2h − 3 that NCCL has.
std::int64_t turns_of(const Spread& spread, Bytes chunk) {
  std::int64_t levels = 2;  // member, switch, head
  for (std::size_t reached = 1; reached < spread.nodes; reached *= 2) ++levels;
  const std::int64_t turn =
      static_cast<std::int64_t>(spread.heads) * chunk.count() * (2 * levels - 3) / (2 * levels - 1);
  return std::clamp<std::int64_t>(spread.bytes.count() / turn, 1, kMostTurns);
}

Schedule write_nvls_tree(CollectiveKind kind, const Group& group, Bytes bytes) {
  const Heads heads(group, Heads::Inside::kSwitch);
  if (heads.nodes() < 2 || heads.nodes() == heads.members()) return {};
  std::vector<SwitchedTree> trees;
  for (std::size_t share = 0; share < heads.shares(); ++share) {
    const std::vector<std::int32_t> of_share = heads.of(share);
    for (const Tree& over_nodes : two_trees(heads.nodes())) {
      SwitchedTree tree{heads.within(share), 0};
      for (std::size_t k = 0; k < of_share.size(); ++k)
        if (over_nodes[k] != kRoot)
          tree.parents[static_cast<std::size_t>(of_share[k])] = of_share[static_cast<std::size_t>(over_nodes[k])];
      trees.push_back(std::move(tree));
    }
  }
  const Spread spread{bytes, heads.members(), heads.nodes(), heads.shares()};
  const Bytes chunk = group.chunk > Bytes() ? group.chunk : chunk_of(Cutting::kNvlsTree, spread);
  return along_switched_trees(kind, trees, heads.members(), bytes, turns_of(spread, chunk));
}

const CollectiveAlgorithms::Entry kNvlsTree{
    {"nvls_tree", "nodes' switches add and copy, double trees join the nodes' heads, as NCCL's NVLSTree", kAnyMembers,
     &sums_for_all, &write_nvls_tree, true}};

}  // namespace

}  // namespace orrery
