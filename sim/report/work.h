// What a step computes and moves: FLOPs by precision, bytes by where they went.
#pragma once

#include <array>

#include "sim/kernel/engine.h"
#include "sim/scenario/scenario.h"
#include "topology/chip.h"

namespace orrery {

inline constexpr std::size_t kLinkKinds = 5;

// Of all ranks of the Program together.
struct StepWork {
  PerPrecision<double> flops{};  // executed by matrix engines, recomputation included
  double vector_flops = 0;
  double hbm_bytes = 0;                         // of the chips in use
  std::array<double, kLinkKinds> link_bytes{};  // by LinkKind; a byte counts on each link that it crosses

  void scale(double times);
};

// `usual`: the precision of what Segment::other_flops leaves of the FLOPs.
[[nodiscard]] StepWork step_work(const Program& program, const Fabric& fabric, const Placement& placement,
                                 const RunResult& result, Precision usual);

// The chip's, with the energies of the engine that a workload of its own runs on.
[[nodiscard]] Power power_of(const Scenario& scenario);

// Dynamic joules of one segment: its FLOPs, each at the joules of its precision, and its bytes of HBM.
[[nodiscard]] double segment_joules(const Segment& segment, const Power& power, Precision usual);

}  // namespace orrery
