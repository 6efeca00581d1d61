// Places numbered, depths by walking up, and a transfer up and down for every branch.
#include "sim/collective/heads.h"

#include <algorithm>

#include "sim/collective/ring_steps.h"

namespace orrery {

namespace {

// A switch passes on what it has long before a message of NCCL's usual size is through.
constexpr std::int64_t kSwitchedChunk = 64 << 10;
constexpr std::int64_t kMostSwitchedChunks = 256;

std::int32_t depth_of(const Tree& tree, std::size_t place) {
  std::int32_t depth = 0;
  for (; tree[place] != kRoot; place = static_cast<std::size_t>(tree[place])) ++depth;
  return depth;
}

// Writes one tree's transfers into a step. Channels of tree t: 3t up, 3t + 1 down, 3t + 2 back to heads, which nobody
// awaits.
class TreeWriter {
 public:
  TreeWriter(const SwitchedTree& tree, std::size_t members, std::int32_t number, std::int32_t chunks, Step& step)
      : tree_(tree),
        members_(static_cast<std::int32_t>(members)),
        channel_(3 * number),
        number_(number),
        chunks_(chunks),
        step_(step) {}

  void write() {
    depths_.assign(tree_.parents.size(), kNowhere);
    for (std::size_t p = 0; p < depths_.size(); ++p)
      if (tree_.parents[p] != kNowhere) depths_[p] = depth_of(tree_.parents, p);
    height_ = *std::max_element(depths_.begin(), depths_.end());
    for (std::size_t p = 0; p < depths_.size(); ++p)
      if (depths_[p] > 0) join(static_cast<std::int32_t>(p), tree_.parents[p], depths_[p]);
    step_.repeats = std::max(step_.repeats, chunks_ + 2 * height_ - 1);
  }

 private:
  [[nodiscard]] bool is_member(std::int32_t place) const { return place < members_; }
  [[nodiscard]] std::int32_t position(std::int32_t place) const {
    return is_member(place) ? place : in_switch(tree_.first_switch + place - members_);
  }

  void add(std::int32_t from, std::int32_t to, std::int32_t first, std::int32_t channel, std::int32_t awaits) {
    Transfer transfer{.from = position(from), .to = position(to), .first = first, .count = chunks_};
    transfer.reduces = channel == channel_;
    transfer.channel = channel;
    transfer.awaits = awaits;
    transfer.piece = number_ * chunks_;
    transfer.stride = 1;
    step_.transfers.push_back(transfer);
  }

  void join(std::int32_t below, std::int32_t above, std::int32_t depth) {
    const std::int32_t up = height_ - depth;
    const std::int32_t down = height_ + depth - 1;
    const std::int32_t down_channel = channel_ + 1;
    // A switch's own head sends it what it has had from the start, in the repeat in which the others do.
    const bool has_head = !is_member(below) && is_member(above);
    if (has_head) add(above, below, up - 1, channel_, Transfer::kNothing);
    add(below, above, up, channel_, Transfer::kItsOwn);
    add(above, below, down, down_channel,
        tree_.parents[static_cast<std::size_t>(above)] == kRoot ? channel_ : Transfer::kItsOwn);
    if (has_head) add(below, above, down + 1, channel_ + 2, down_channel);
  }

  const SwitchedTree& tree_;
  std::int32_t members_;
  std::int32_t channel_;
  std::int32_t number_;
  std::int32_t chunks_;
  Step& step_;
  std::vector<std::int32_t> depths_;  // by place
  std::int32_t height_ = 0;
};

}  // namespace

std::vector<std::int32_t> Heads::of(std::size_t share) const {
  std::vector<std::int32_t> heads;
  heads.reserve(nodes_.size());
  for (const std::vector<std::int32_t>& node : nodes_) heads.push_back(node[share]);
  return heads;
}

Tree Heads::within(std::size_t share) const {
  const bool by_switch = inside_ == Inside::kSwitch;
  Tree tree(members_ + (by_switch ? nodes_.size() : 0), kNowhere);
  for (std::size_t k = 0; k < nodes_.size(); ++k) {
    const std::int32_t head = nodes_[k][share];
    tree[static_cast<std::size_t>(head)] = kRoot;
    if (nodes_[k].size() == 1) continue;
    const auto inner = static_cast<std::int32_t>(members_ + k);
    if (by_switch) tree[members_ + k] = head;
    for (const std::int32_t member : nodes_[k])
      if (member != head) tree[static_cast<std::size_t>(member)] = by_switch ? inner : head;
  }
  return tree;
}

Schedule along_switched_trees(CollectiveKind kind, const std::vector<SwitchedTree>& trees, std::size_t members,
                              Bytes bytes, std::int64_t chunks) {
  if (kind == CollectiveKind::kBarrier) {
    bytes = Bytes(0);
    chunks = 1;
  }
  const auto parts = static_cast<std::int64_t>(trees.size());
  Schedule schedule;
  schedule.pieces = static_cast<std::int32_t>(parts * chunks);
  Step step;
  step.bytes = piece_of(bytes, schedule.pieces);
  step.repeats = 0;
  for (std::size_t t = 0; t < trees.size(); ++t)
    TreeWriter(trees[t], members, static_cast<std::int32_t>(t), static_cast<std::int32_t>(chunks), step).write();
  schedule.steps.push_back(std::move(step));
  return schedule;
}

Schedule through_network_switches(CollectiveKind kind, const Group& group, Heads::Inside inside, Bytes bytes) {
  const Heads heads(group, inside);
  if (heads.nodes() < 2 || !group.switches) return {};
  std::vector<SwitchedTree> trees;
  std::vector<WayToSwitch> ways;
  std::int32_t switches = 0;
  for (std::size_t share = 0; share < heads.shares(); ++share) {
    const std::vector<std::int32_t> of_share = heads.of(share);
    SwitchTree network = group.switches(of_share);
    if (network.vertices.empty()) return {};
    SwitchedTree tree{heads.within(share), switches};
    const auto first = static_cast<std::int32_t>(tree.parents.size());  // place of the network's switches
    const auto number = [&](std::int32_t s) {
      return in_switch(switches + first - static_cast<std::int32_t>(heads.members()) + s);
    };
    for (std::size_t k = 0; k < of_share.size(); ++k) {
      tree.parents[static_cast<std::size_t>(of_share[k])] = first + network.under[k];
      ways.push_back({of_share[k], number(network.under[k]), std::move(network.chip_ways[k])});
    }
    for (std::size_t s = 0; s < network.above.size(); ++s) {
      const bool is_root = network.above[s] == SwitchTree::kRootSwitch;
      tree.parents.push_back(is_root ? kRoot : first + network.above[s]);
      if (!is_root)
        ways.push_back({number(static_cast<std::int32_t>(s)), number(network.above[s]), std::move(network.ways[s])});
    }
    switches += static_cast<std::int32_t>(tree.parents.size() - heads.members());
    trees.push_back(std::move(tree));
  }
  const std::int64_t share = piece_of(bytes, static_cast<std::int64_t>(trees.size())).count();
  const std::int64_t chunks = std::clamp<std::int64_t>(share / kSwitchedChunk, 1, kMostSwitchedChunks);
  Schedule schedule = along_switched_trees(kind, trees, heads.members(), bytes, chunks);
  schedule.ways = std::move(ways);
  return schedule;
}

bool sums_for_all(CollectiveKind kind) {
  return kind == CollectiveKind::kAllReduce || kind == CollectiveKind::kBarrier;
}

}  // namespace orrery
