// Counts of dependencies, and queues of receives by sender and tag.
#include "workloads/astra/custom_walk.h"

namespace orrery::astra {

std::vector<std::uint32_t> CustomWalk::first() const {
  std::vector<std::uint32_t> free;
  for (std::uint32_t node = 0; node < waits_.size(); ++node)
    if (waits_[node] == 0) free.push_back(node);
  return free;
}

std::vector<std::uint32_t> CustomWalk::next(std::uint32_t node) {
  --left_;
  std::vector<std::uint32_t> free;
  for (const std::uint32_t dependent : trace_->nodes[node].dependents)
    if (--waits_[dependent] == 0) free.push_back(dependent);
  return free;
}

std::uint32_t CustomWalk::receive(std::uint32_t from, std::uint32_t tag) {
  std::deque<std::uint32_t>& nodes = awaiting_[{from, tag}];
  const std::uint32_t node = nodes.front();
  nodes.pop_front();
  return node;
}

}  // namespace orrery::astra
