// Sums segments role by role, then over ranks.
#include "sim/report/compute_work.h"

#include <algorithm>

namespace orrery {
namespace {

double recomputed_share(const Segment& segment, Phase phase) {
  const double executed = segment.hardware_flops.count();
  if (executed > 0) return std::max(0.0, 1 - segment.model_flops.count() / executed);
  return phase == Phase::kRecompute ? 1 : 0;
}

}  // namespace

ComputeWork compute_work(const Program& program, const Chip& chip) {
  const double hbm_rate = chip.hbm.bandwidth.as_double() * chip.hbm.efficiency;
  std::vector<double> ranks(program.roles.size(), 0);
  for (const std::uint32_t role : program.role_of_rank) ++ranks[role];

  ComputeWork mean;
  const auto total = static_cast<double>(program.role_of_rank.size());
  for (std::size_t r = 0; r < program.roles.size(); ++r) {
    ComputeWork role;
    for (const Op& op : program.roles[r].ops) {
      if (op.kind != OpKind::kCompute) continue;
      const Segment& segment = program.segments[SegmentId(op.body)];
      const double seconds = segment.duration.in_seconds();
      const double memory = hbm_rate > 0 ? segment.hbm.as_double() / hbm_rate : 0;
      role.alone += seconds;
      role.matrix += segment.matrix_seconds;
      role.memory += memory;
      role.memory_bound += std::clamp(seconds - segment.matrix_seconds, 0.0, memory);
      role.recompute += seconds * recomputed_share(segment, op.phase);
    }
    const double share = total > 0 ? ranks[r] / total : 0;
    mean.alone += share * role.alone;
    mean.matrix += share * role.matrix;
    mean.memory += share * role.memory;
    mean.memory_bound += share * role.memory_bound;
    mean.recompute += share * role.recompute;
    mean.matrix_of_role.push_back(role.matrix);
  }
  return mean;
}

}  // namespace orrery
