// Recursive halving and doubling (Rabenseifner's algorithms): least bytes in log₂ n steps, where n is a power of two.
//
// Reduce-scatter by halving: partners exchange the half of their range that the other is to keep and add it up, then
// halve again: kα + (n−1)S/(nB) for n = 2^k. All-gather by doubling is the same backwards, all-reduce the one, then the
// other. Reduce is halving, then a gather up the binomial tree; broadcast a scatter down it, then doubling (van de
// Geijn). Members beyond a power of two (power_of_two.h) cost a message of S before, or after, or both. In an
// all-reduce, whose halves are nobody's own, the large messages go between neighbours. Sources: Rabenseifner 2004,
// "Optimization of collective reduction operations", ICCS; Thakur, Rabenseifner, Gropp 2005, "Optimization of
// collective communication operations in MPICH", IJHPCA 19(1).
#include "sim/collective/power_of_two.h"
#include "sim/collective/ring_steps.h"

namespace orrery {

namespace {

bool supports_halving(CollectiveKind kind) {
  return kind == CollectiveKind::kAllReduce || kind == CollectiveKind::kReduceScatter ||
         kind == CollectiveKind::kAllGather || kind == CollectiveKind::kReduce || kind == CollectiveKind::kBroadcast;
}

// Of an extra's own piece, or of the whole vector.
std::int32_t own(std::int32_t extra) { return extra; }
std::int32_t all(std::int32_t) { return 0; }

Schedule write_halving(CollectiveKind kind, const Group& group, Bytes bytes) {
  const Core core(group.size());
  const auto n = static_cast<std::int32_t>(group.size());
  const bool by_piece = kind == CollectiveKind::kReduceScatter || kind == CollectiveKind::kAllGather;
  Schedule schedule;
  schedule.pieces = by_piece ? n : core.size();
  const std::int32_t pieces = schedule.pieces;
  std::vector<Step>& steps = schedule.steps;
  switch (kind) {
    case CollectiveKind::kReduceScatter:
      core.fold(Core::Way::kIn, true, pieces, all, steps);
      halve(by_position(core), steps);
      core.fold(Core::Way::kOut, false, 1, own, steps);
      break;
    case CollectiveKind::kAllGather:
      core.fold(Core::Way::kIn, false, 1, own, steps);
      double_up(by_position(core), steps);
      core.fold(Core::Way::kOut, false, pieces, all, steps);
      break;
    case CollectiveKind::kAllReduce:
      core.fold(Core::Way::kIn, true, pieces, all, steps);
      halve(equal_halves(core), steps);
      double_up(equal_halves(core), steps);
      core.fold(Core::Way::kOut, false, pieces, all, steps);
      break;
    case CollectiveKind::kReduce:
      core.fold(Core::Way::kIn, true, pieces, all, steps);
      halve(equal_halves(core), steps);
      gather_to_first(equal_halves(core), steps);
      break;
    default:  // broadcast
      break;
  }
  // The root, position 0, sits out where there are extras: the first of the core stands in for it.
  if (kind == CollectiveKind::kReduce && core.extras() > 0)
    steps.push_back({{{.from = 1, .to = 0, .pieces = pieces}}, {}, 1});
  if (kind == CollectiveKind::kBroadcast) {
    if (core.extras() > 0) steps.push_back({{{.from = 0, .to = 1, .pieces = pieces}}, {}, 1});
    scatter_from_first(equal_halves(core), steps);
    double_up(equal_halves(core), steps);
    core.fold(Core::Way::kOut, false, pieces, all, steps);
    if (core.extras() > 0) {
      steps.back().transfers.erase(steps.back().transfers.begin());  // the root has it
      if (steps.back().transfers.empty()) steps.pop_back();
    }
  }
  for (Step& step : steps) step.bytes = piece_of(bytes, pieces);
  return schedule;
}

const CollectiveAlgorithms::Entry kHalvingDoubling{
    {"halving_doubling", "Rabenseifner's: halves, then doubles: least bytes in log n steps for powers of two",
     kAnyMembers, &supports_halving, &write_halving}};

}  // namespace

}  // namespace orrery
