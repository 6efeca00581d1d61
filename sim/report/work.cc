// Adds up segments over ranks, and what a run drew from memories and links.
#include "sim/report/work.h"

#include <algorithm>

#include "sim/network/resources.h"

namespace orrery {
namespace {

PerPrecision<double> flops_of(const Segment& segment, Precision usual) {
  PerPrecision<double> flops = segment.other_flops;
  double rest = segment.hardware_flops.count();
  for (const double other : segment.other_flops) rest -= other;
  flops[static_cast<std::size_t>(usual)] += std::max(0.0, rest);
  return flops;
}

}  // namespace

void StepWork::scale(double times) {
  for (double& count : flops) count *= times;
  vector_flops *= times;
  hbm_bytes *= times;
  for (double& bytes : link_bytes) bytes *= times;
}

StepWork step_work(const Program& program, const Fabric& fabric, const Placement& placement, const RunResult& result,
                   Precision usual) {
  StepWork work;
  std::vector<double> ranks(program.roles.size(), 0);
  for (const std::uint32_t role : program.role_of_rank) ++ranks[role];
  for (std::size_t r = 0; r < program.roles.size(); ++r) {
    PerPrecision<double> role{};
    double vector = 0;
    for (const Op& op : program.roles[r].ops) {
      if (op.kind != OpKind::kCompute) continue;
      const Segment& segment = program.segments[SegmentId(op.body)];
      const PerPrecision<double> flops = flops_of(segment, usual);
      for (std::size_t p = 0; p < kPrecisionCount; ++p) role[p] += flops[p];
      vector += segment.vector_flops.count();
    }
    for (std::size_t p = 0; p < kPrecisionCount; ++p) work.flops[p] += ranks[r] * role[p];
    work.vector_flops += ranks[r] * vector;
  }
  const Resources resources(fabric);
  for (const ChipId chip : placement) work.hbm_bytes += result.resource_work[resources.hbm(chip).index()];
  for (std::size_t i = 0; i < fabric.links().size(); ++i)
    work.link_bytes[static_cast<std::size_t>(fabric.links()[LinkId(i)].kind)] +=
        result.resource_work[resources.link(LinkId(i)).index()];
  return work;
}

Power power_of(const Scenario& scenario) {
  const Chip& chip = scenario.cluster->fabric.chip_spec();
  Power power = chip.power;
  if (scenario.workload && scenario.workload->engine().vector)
    power.joules_per_flop.fill(scenario.workload->engine().joules_per_flop(chip));
  return power;
}

double segment_joules(const Segment& segment, const Power& power, Precision usual) {
  const PerPrecision<double> flops = flops_of(segment, usual);
  double joules =
      segment.vector_flops.count() * power.joules_per_vector_flop + segment.hbm.as_double() * power.joules_per_hbm_byte;
  for (std::size_t p = 0; p < kPrecisionCount; ++p) joules += flops[p] * power.joules_per_flop[p];
  return joules;
}

}  // namespace orrery
