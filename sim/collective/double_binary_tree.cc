// Double binary trees: logarithmic latency at full bandwidth, as NCCL uses them between nodes since 2.4.
//
// Two binary trees carry half of the vector each; who is inside one is a leaf of the other, so that everyone sends and
// receives about S for a broadcast or reduce, 2S for an all-reduce: on a member's link of bandwidth B and in many
// chunks S/B and 2S/B, at h or 2h hops of latency (h = the trees' depth, about log₂ n), against 2(n − 1) of a ring's.
// Sources: Sanders, Speck, Träff 2009, "Two-tree algorithms for full bandwidth broadcast, reduction and scan", Parallel
// Computing 35(12); Jeaugey 2019, "Massively scale your deep learning training with NCCL 2.4", NVIDIA blog.
//
// As in NCCL the trees are over nodes; within a node a chain hangs on the member that stands in the trees. There are as
// many pairs of trees (channels) as the smallest node has members: channel c's trees join the members c of the nodes,
// so that every NIC works. Unlike NCCL's (which gives a node's second child to a neighbour's NIC) a channel's trees
// keep to one NIC a node. A single node has no chain: its members are the nodes. To broadcast or reduce, the root's
// node stands above both trees of the other nodes.
#include <algorithm>

#include "sim/collective/nodes.h"
#include "sim/collective/trees.h"

namespace orrery {

namespace {

bool supports_double_tree(CollectiveKind kind) {
  return kind == CollectiveKind::kAllReduce || kind == CollectiveKind::kBroadcast || kind == CollectiveKind::kReduce ||
         kind == CollectiveKind::kBarrier;
}

// Each member of the node from `head` on hangs on the one before. The root above all (`apart`) has its place elsewhere.
void hang_chain(const std::vector<std::int32_t>& members, std::size_t head, std::int32_t apart, Tree& tree) {
  std::int32_t above = members[head];
  for (std::size_t k = 1; k < members.size(); ++k) {
    const std::int32_t next = members[(head + k) % members.size()];
    if (next == apart) continue;
    tree[static_cast<std::size_t>(next)] = above;
    above = next;
  }
}

// One channel: the trees of the nodes' members number `channel`.
std::vector<Tree> pair_of_trees(const Nodes& nodes, std::size_t channel, bool has_root, std::size_t members) {
  const auto head = [&nodes, channel](std::size_t node) { return nodes[node][channel]; };
  const std::size_t above = has_root ? 1 : 0;  // nodes that stand above the two trees
  std::vector<Tree> pair;
  for (const Tree& over_nodes : two_trees(nodes.size() - above)) {
    Tree tree(members, kRoot);
    for (std::size_t k = 0; k < over_nodes.size(); ++k) {
      std::int32_t& parent = tree[static_cast<std::size_t>(head(k + above))];
      if (over_nodes[k] != kRoot) {
        parent = head(static_cast<std::size_t>(over_nodes[k]) + above);
      } else if (has_root) {
        parent = head(0);
      }
    }
    const std::int32_t root = nodes[0][0];
    if (has_root && head(0) != root) tree[static_cast<std::size_t>(head(0))] = root;
    for (const std::vector<std::int32_t>& node : nodes) hang_chain(node, channel, has_root ? root : kRoot, tree);
    pair.push_back(std::move(tree));
  }
  return pair;
}

Schedule write_double_tree(CollectiveKind kind, const Group& group, Bytes bytes) {
  if (group.size() < 2) return {};
  Nodes nodes = by_node(group);
  if (nodes.size() == 1) {
    const std::vector<std::int32_t> members = nodes[0];
    nodes.clear();
    for (const std::int32_t member : members) nodes.push_back({member});
  }
  const bool has_root = kind == CollectiveKind::kBroadcast || kind == CollectiveKind::kReduce;
  std::vector<Tree> trees;
  for (std::size_t channel = 0; channel < least_members(nodes); ++channel) {
    const std::vector<Tree> pair = pair_of_trees(nodes, channel, has_root, group.size());
    trees.insert(trees.end(), pair.begin(), pair.end());
  }
  return along_trees(kind, trees, bytes, group.chunk);
}

const CollectiveAlgorithms::Entry kDoubleBinaryTree{
    {"double_binary_tree", "two trees over the nodes, chains within: log n latency at full bandwidth, as NCCL's tree",
     kAnyMembers, &supports_double_tree, &write_double_tree}};

}  // namespace

}  // namespace orrery
