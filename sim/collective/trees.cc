// Depths by walking up, and in-order trees by binary digits: an element's height is its number of trailing zeros.
#include "sim/collective/trees.h"

#include <algorithm>

#include "sim/collective/ring_steps.h"

namespace orrery {

namespace {

constexpr std::int32_t kUnknown = -1;

std::vector<std::int32_t> depths(const Tree& tree) {
  std::vector<std::int32_t> depth(tree.size(), kUnknown);
  std::vector<std::size_t> path;
  for (std::size_t start = 0; start < tree.size(); ++start) {
    path.clear();
    std::size_t at = start;
    for (; depth[at] == kUnknown && tree[at] != kRoot; at = static_cast<std::size_t>(tree[at])) path.push_back(at);
    if (depth[at] == kUnknown) depth[at] = 0;
    std::int32_t below = depth[at];
    for (; !path.empty(); path.pop_back()) depth[path.back()] = ++below;
  }
  return depth;
}

// Of element e = 1 … count in order; 0: e is the root.
std::int32_t in_order_parent(std::int32_t e, std::int32_t count) {
  const std::int32_t lowest = e & -e;
  const std::int32_t above = (e - lowest) | (2 * lowest);
  return above <= count ? above : e - lowest;
}

}  // namespace

std::vector<Tree> two_trees(std::size_t count) {
  const auto n = static_cast<std::int32_t>(count);
  const auto numbered = [n](std::int32_t e, bool second) { return !second ? e : n % 2 == 0 ? n + 1 - e : e % n + 1; };
  std::vector<Tree> trees(2, Tree(count));
  for (std::int32_t e = 1; e <= n; ++e) {
    const std::int32_t parent = in_order_parent(e, n);
    for (const bool second : {false, true})
      trees[second ? 1 : 0][static_cast<std::size_t>(numbered(e, second) - 1)] =
          parent == 0 ? kRoot : numbered(parent, second) - 1;
  }
  return trees;
}

Schedule along_trees(CollectiveKind kind, const std::vector<Tree>& trees, Bytes bytes, Bytes chunk) {
  const bool turns = kind == CollectiveKind::kAllReduce || kind == CollectiveKind::kBarrier;
  const bool up = turns || kind == CollectiveKind::kReduce;
  const bool down = turns || kind == CollectiveKind::kBroadcast;
  if (kind == CollectiveKind::kBarrier) bytes = Bytes(0);
  const auto parts = static_cast<std::int32_t>(trees.size());
  const std::int32_t chunks = chunks_of(piece_of(bytes, parts), chunk > Bytes() ? chunk : kChunk);
  Schedule schedule;
  schedule.pieces = parts * chunks;
  Step step;
  step.bytes = piece_of(bytes, schedule.pieces);
  step.repeats = 0;
  for (std::int32_t t = 0; t < parts; ++t) {
    const Tree& tree = trees[static_cast<std::size_t>(t)];
    const std::vector<std::int32_t> depth = depths(tree);
    const std::int32_t height = *std::max_element(depth.begin(), depth.end());
    step.repeats = std::max(step.repeats, chunks + (turns ? 2 * height : height) - 1);
    for (std::size_t p = 0; p < tree.size(); ++p) {
      if (tree[p] == kRoot) continue;
      Transfer transfer{.from = static_cast<std::int32_t>(p), .to = tree[p], .count = chunks};
      transfer.channel = 2 * t;
      transfer.piece = t * chunks;
      transfer.stride = 1;
      if (up) {
        transfer.first = height - depth[p];
        transfer.reduces = true;
        step.transfers.push_back(transfer);
      }
      if (down) {
        std::swap(transfer.from, transfer.to);
        transfer.first = (turns ? height : 0) + depth[p] - 1;
        transfer.reduces = false;
        transfer.channel = 2 * t + 1;
        if (turns && depth[p] == 1) transfer.awaits = 2 * t;  // the root turns round what comes up
        step.transfers.push_back(transfer);
      }
    }
  }
  schedule.steps.push_back(std::move(step));
  return schedule;
}

}  // namespace orrery
