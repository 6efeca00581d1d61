// All-to-all of rows that each go to several members: a row crosses to a node once, whoever there takes it.
//
// Each member's vector of S bytes is copies of rows, `copies` of each. To every other node a member sends, on its rail,
// each row that any member there takes; the member on the same rail there hands it to those who take it, over NVLink.
// If the copies of a row are spread evenly at random over m nodes, 1 − (1 − 1/m)^copies of the rows go to a node, so
// that a member sends S/copies of that share to each. Within a node of g, a member hands each other all that comes to
// that one on its rail, from any node: m·S/n. Results come back the same way, summed a node at a time: the same bytes.
// Both hops run at once, as they do where rows are passed on as they come: max of (m−1)·S/copies·(…)/B₂ and
// (g−1)·m·S/(n·B₁). With copies = 1 it is PXN without its wait between hops. Nodes of unequal size: member i of a node
// is on rail i mod g of a node of g.
//
// Source: DeepSeek-AI 2024 (arXiv 2412.19437, section 3.2.2) and DeepEP's kernels, "normal" mode.
#include <algorithm>
#include <cmath>

#include "sim/collective/nodes.h"

namespace orrery {

namespace {

constexpr double kUnits = 1U << 20U;  // the largest message, cut finely enough for the others to be whole numbers of it

class OnceANode {
 public:
  OnceANode(const Group& group, Bytes bytes) : nodes_(by_node(group)) {
    const double sent = bytes.as_double();
    const auto m = static_cast<double>(nodes_.size());
    const auto copies = static_cast<double>(group.copies);
    to_node_ = sent / copies * (1 - std::pow(1 - 1 / m, copies));
    to_member_ = m * sent / static_cast<double>(group.size());
    const double largest = std::max(nodes_.size() > 1 ? to_node_ : 0.0, to_member_);
    step_.bytes = Bytes(std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(largest / kUnits))));
  }

  Step write() {
    for (std::size_t a = 0; a < nodes_.size(); ++a) {
      within(nodes_[a]);
      for (std::size_t distance = 1; distance < nodes_.size(); ++distance)
        across(nodes_[a], nodes_[(a + distance) % nodes_.size()]);
    }
    return std::move(step_);
  }

 private:
  void add(std::int32_t from, std::int32_t to, double bytes) {
    const auto pieces = static_cast<std::int32_t>(std::ceil(bytes / step_.bytes.as_double()));
    if (pieces > 0) step_.transfers.push_back({.from = from, .to = to, .piece = kAnyPiece, .pieces = pieces});
  }
  void within(const std::vector<std::int32_t>& members) {
    for (std::size_t i = 0; i < members.size(); ++i)
      for (std::size_t distance = 1; distance < members.size(); ++distance)
        add(members[i], members[(i + distance) % members.size()], to_member_);
  }
  void across(const std::vector<std::int32_t>& from, const std::vector<std::int32_t>& to) {
    for (std::size_t i = 0; i < from.size(); ++i) add(from[i], to[i % to.size()], to_node_);
  }

  Nodes nodes_;
  double to_node_ = 0;    // bytes from a member to each other node
  double to_member_ = 0;  // and to each other member of its own
  Step step_;
};

bool supports_once_a_node(CollectiveKind kind) { return kind == CollectiveKind::kAllToAll; }

Schedule write_once_a_node(CollectiveKind, const Group& group, Bytes bytes) {
  check_members("once_a_node", group.size(), kMostAllPairs);
  if (group.size() < 2 || bytes == Bytes(0)) return {};
  Schedule schedule;
  schedule.pieces = static_cast<std::int32_t>(group.size() * group.size());
  schedule.steps.push_back(OnceANode(group, bytes).write());
  return schedule;
}

const CollectiveAlgorithms::Entry kOnceANode{
    {"once_a_node", "all-to-all of rows with several takers: each crosses to a node once, and is handed out there",
     kMostAllPairs, &supports_once_a_node, &write_once_a_node, true}};

}  // namespace

}  // namespace orrery
