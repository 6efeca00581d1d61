// NVLink SHARP: the switch adds what members send and copies what one member sends to all.
//
// All-reduce: member i pulls shard i, summed by the switch out of all members' memories (multimem.ld_reduce), and
// pushes the sum to all (multimem.st). Of a vector of S bytes over n members each link up carries S for the sums that
// others pull and S/n for the member's own push, each link down S/n of sums and S of pushes: S(1 + 1/n) both ways, at
// once, in one step. Reduce-scatter is the pull alone, all-gather the push alone.
// Source: NVIDIA PTX ISA, multimem instructions; NCCL 2.17 and later (algorithm NVLS).
// Within one node only; a schedule over more is empty.
#include "sim/collective/nodes.h"
#include "sim/collective/ring_steps.h"
#include "sim/collective/schedule.h"

namespace orrery {

namespace {

// Every member: `up` pieces to the switch, `down` from it.
Step through_switch(std::int32_t members, Bytes piece, std::int32_t up, std::int32_t down) {
  Step step;
  step.bytes = piece;
  for (std::int32_t p = 0; p < members; ++p) {
    if (up > 0) step.transfers.push_back({.from = p, .to = kInSwitch, .piece = kAnyPiece, .pieces = up});
    if (down > 0) step.transfers.push_back({.from = kInSwitch, .to = p, .piece = kAnyPiece, .pieces = down});
  }
  return step;
}

bool supports_nvls(CollectiveKind kind) {
  return kind == CollectiveKind::kAllReduce || kind == CollectiveKind::kReduceScatter ||
         kind == CollectiveKind::kAllGather;
}

Schedule write_nvls(CollectiveKind kind, const Group& group, Bytes bytes) {
  const auto n = static_cast<std::int32_t>(group.size());
  Schedule schedule;
  if (n < 2 || by_node(group).size() > 1) return schedule;
  schedule.pieces = n;
  const Bytes piece = piece_of(bytes, n);
  switch (kind) {
    case CollectiveKind::kAllReduce:
      schedule.steps.push_back(through_switch(n, piece, n + 1, n + 1));
      break;
    case CollectiveKind::kReduceScatter:
      schedule.steps.push_back(through_switch(n, piece, n, 1));
      break;
    default:  // all-gather
      schedule.steps.push_back(through_switch(n, piece, 1, n));
      break;
  }
  return schedule;
}

const CollectiveAlgorithms::Entry kNvls{{"nvls",
                                         "the node's switch adds and copies: a member sends and gets each byte once",
                                         kAnyMembers, &supports_nvls, &write_nvls, true}};

}  // namespace

}  // namespace orrery
