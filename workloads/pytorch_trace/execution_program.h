// PyTorch's execution traces of a job's ranks → its Program: operators as kernels of a chip, collectives played anew.
//
// Law. Operators that run something on the device (operator_kernel.h says which, and what) do so on one stream, in the
// order in which they began: a trace doesn't say streams. They last as the chip at hand makes of their shapes, or as a
// profile of the same run measured. Each process group has a stream of its own. A collective begins once what was
// computed before it is over, as PyTorch makes NCCL's stream wait for the current one. An operator that touches memory
// that a collective fills waits for it, and so does the first after a wait for that collective. Where the host reads a
// value of the device, what comes later is queued once all before is over. What runs on the host takes the time that
// the software stack takes to queue kernels, and no other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/kernel/program.h"
#include "topology/chip.h"
#include "workloads/pytorch_trace/execution_trace.h"
#include "workloads/pytorch_trace/measured_kernels.h"

namespace orrery::pytorch_trace {

struct Rules {
  const Chip* chip = nullptr;
  Precision precision = Precision::kBf16;  // what FLOPs are counted at, and what the chip lacks is computed in
  Duration host_per_kernel = Duration();   // to queue one
  Duration host_per_message = Duration();
  std::string algorithm;  // of collectives
};

// Of the whole job, as its traces say.
[[nodiscard]] std::size_t ranks_of(const std::vector<ExecutionTrace>& traces);

struct TracedOperators {
  Program program;
  std::vector<std::string> warnings;  // what had no known cost, what was taken for a stream, what isn't there
};

// `measured`: of some of the traces, by rank or, where they don't say it, in the order of the traces. Played on `ranks`
// or as many as the traces say; who does as whom stands in recorded_job.h. InputError where that can't be.
[[nodiscard]] TracedOperators program_of(const std::vector<ExecutionTrace>& traces,
                                         const std::vector<MeasuredKernels>& measured, const Rules& rules,
                                         std::optional<std::uint32_t> ranks = std::nullopt);

}  // namespace orrery::pytorch_trace
