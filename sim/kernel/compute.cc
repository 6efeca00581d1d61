// What a segment draws, and how it counts against transfers.
//
// Weight: transfers have weight 1 and progress in bytes. A segment at full speed makes 10¹² (picoseconds) a second; it
// is to count like a flow that fills the fastest link of a chip, B bytes a second, so its weight is 10¹² ÷ B: where the
// two are held back by one resource, both lose the same fraction of their full speed.
#include "sim/kernel/compute.h"

#include <algorithm>

namespace orrery::kernel {
namespace {

constexpr double kPicosecondsPerSecond = 1e12;

double fastest_link(const Fabric& fabric) {
  double fastest = 0;
  for (const Link& link : fabric.links()) {
    if (link.kind == LinkKind::kOnPackage || fabric.vertices()[link.from].kind != VertexKind::kEngine) continue;
    fastest = std::max(fastest, link.bandwidth.as_double() * link.efficiency);
  }
  return fastest;
}

}  // namespace

Compute::Compute(const Program& program, const Fabric& fabric, const Resources& resources, const Cast& cast)
    : resources_(&resources), cast_(&cast), uses_{Use{ResourceId(), 1 / kPicosecondsPerSecond}, Use{ResourceId(), 0}} {
  const double fastest = fastest_link(fabric);
  if (fastest > 0) weight_ = kPicosecondsPerSecond / fastest;

  // The HBM as Resources gives it to a chip in order. Durations are whole picoseconds, so a segment that is bound by
  // the HBM may come out a rounding faster than the HBM allows; it still takes its duration.
  const double most =
      fabric.chip_count() > 0 ? resources.capacities()[resources.hbm(ChipId(0)).index()] / kPicosecondsPerSecond : 0;
  for (const Segment& segment : program.segments) {
    const auto amount = static_cast<double>(segment.duration.ps());
    double hbm = amount > 0 ? segment.hbm.as_double() / amount : 0;
    const double rounding = std::max(1.0, static_cast<double>(segment.kernel_count));
    if (segment.hbm.as_double() <= most * (amount + rounding)) hbm = std::min(hbm, most * (1 - 0x1p-50));
    costs_.push_back({amount, hbm});
  }
}

}  // namespace orrery::kernel
