// A binary tree over the members, in chunks that follow each other.
//
// Member p's parent is (p − 1) ÷ 2, so the depth h is ⌊log₂ n⌋. Broadcast and reduce take hα + (c + h − 1)·2S/(cB) in
// c chunks, for a member inside the tree sends (receives) each chunk twice; all-reduce up and down again at once, 3 of
// each chunk out of a member inside: half the bandwidth of a ring or less, at logarithmic latency.
#include "sim/collective/trees.h"

namespace orrery {

namespace {

bool supports_tree(CollectiveKind kind) {
  return kind == CollectiveKind::kAllReduce || kind == CollectiveKind::kBroadcast || kind == CollectiveKind::kReduce ||
         kind == CollectiveKind::kBarrier;
}

Schedule write_tree(CollectiveKind kind, const Group& group, Bytes bytes) {
  const auto n = static_cast<std::int32_t>(group.size());
  if (n < 2) return {};
  Tree tree{kRoot};
  for (std::int32_t p = 1; p < n; ++p) tree.push_back((p - 1) / 2);
  return along_trees(kind, {tree}, bytes);
}

const CollectiveAlgorithms::Entry kTree{{"tree",
                                         "up and down one binary tree in chunks: log n latency, half the bandwidth",
                                         kAnyMembers, &supports_tree, &write_tree}};

}  // namespace

}  // namespace orrery
