// What an operator of PyTorch runs on a device, told from its name and the shapes of its tensors.
//
// Law. Products (mm, addmm, bmm, baddbmm, linear, matmul, _scaled_mm) are 2·m·n·k FLOPs on the matrix engine, at their
// operands' type; 32-bit ones at the vector engine's rate, as PyTorch does unless TF32 is allowed; convolutions are the
// product of n·h·w rows by input channels × window, and two of those backward. Fused attention is its own kernel, half
// of it where it is causal. Lookups in tables read a row for each index. All else, of ATen or not, streams what it
// reads and writes once through the HBM. Views and allocations run nothing.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/compute/kernel.h"
#include "workloads/pytorch_trace/execution_trace.h"

namespace orrery::pytorch_trace {

enum class Work : std::uint8_t {
  kNothing,  // a view, an allocation, what only calls others, or what runs on the host
  kShaped,   // a law of its own: it runs that, whatever else it calls
  kOwn,      // not ATen's: it runs something, unless what it calls does
  kStream,   // runs unless what it calls runs
  kSync,     // the host waits for a value of the device
  kUnknown,  // it runs on the device, but what isn't said
};
[[nodiscard]] Work work_of(const Operator& op);

// Of kShaped, kOwn and kStream. A precision that the chip hasn't got is `usual`. Empty where shapes don't fit together.
[[nodiscard]] std::vector<Kernel> kernels_of(const Operator& op, const Chip& chip, Precision usual);

}  // namespace orrery::pytorch_trace
