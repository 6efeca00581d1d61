// Which of a trace's operators really run something: of those that call each other, the one that launches.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/kernel/program.h"
#include "workloads/pytorch_trace/execution_trace.h"
#include "workloads/pytorch_trace/operator_kernel.h"

namespace orrery::pytorch_trace {

struct OperatorPlace {
  Work work = Work::kNothing;  // kNothing where what it calls does it
  std::uint32_t parent = 0;    // index of the operator that called it; its own where there is none
  Phase phase = Phase::kOther;
};

// By operator. A law of its own (kShaped) runs unless one like it is below, what isn't ATen's unless either is, a
// stream unless anything runs below. Below autograd's engine it is backward, below an optimizer's step the optimizer.
[[nodiscard]] std::vector<OperatorPlace> places_of(const ExecutionTrace& trace);

}  // namespace orrery::pytorch_trace
