// Recursive doubling: log₂ n exchanges with partners twice as far each time.
//
// All-reduce: partners exchange all that they have summed up so far: k(α + S/B) for n = 2^k, latency-optimal, and two
// messages of S more where n is no power of two (power_of_two.h). All-gather: partners exchange all that they have
// gathered: kα + (n−1)S/(nB). A barrier is an all-reduce of nothing. Source: Thakur, Rabenseifner, Gropp 2005,
// "Optimization of collective communication operations in MPICH", IJHPCA 19(1).
#include "sim/collective/power_of_two.h"
#include "sim/collective/ring_steps.h"

namespace orrery {

namespace {

bool supports_recursive_doubling(CollectiveKind kind) {
  return kind == CollectiveKind::kAllReduce || kind == CollectiveKind::kAllGather || kind == CollectiveKind::kBarrier;
}

void exchange_sums(const Core& core, std::vector<Step>& steps) {
  for (std::int32_t distance = 1; distance < core.size(); distance *= 2) {
    Step step;
    for (std::int32_t c = 0; c < core.size(); ++c)
      step.transfers.push_back({.from = core.position(c), .to = core.position(c ^ distance), .reduces = true});
    steps.push_back(std::move(step));
  }
}

Schedule write_recursive_doubling(CollectiveKind kind, const Group& group, Bytes bytes) {
  Schedule schedule;
  const Core core(group.size());
  const auto n = static_cast<std::int32_t>(group.size());
  const auto first = [](std::int32_t) { return 0; };
  if (kind == CollectiveKind::kAllGather) {
    schedule.pieces = n;
    core.fold(
        Core::Way::kIn, false, 1, [](std::int32_t extra) { return extra; }, schedule.steps);
    double_up(by_position(core), schedule.steps);
    core.fold(Core::Way::kOut, false, n, first, schedule.steps);
  } else {
    schedule.pieces = 1;
    core.fold(Core::Way::kIn, true, 1, first, schedule.steps);
    exchange_sums(core, schedule.steps);
    core.fold(Core::Way::kOut, false, 1, first, schedule.steps);
  }
  const Bytes all = kind == CollectiveKind::kBarrier ? Bytes(0) : bytes;
  for (Step& step : schedule.steps) step.bytes = piece_of(all, schedule.pieces);
  return schedule;
}

const CollectiveAlgorithms::Entry kRecursiveDoubling{
    {"recursive_doubling", "partners twice as far each time exchange all they have: log n steps, for short messages",
     kAnyMembers, &supports_recursive_doubling, &write_recursive_doubling}};

}  // namespace

}  // namespace orrery
