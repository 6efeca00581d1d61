// A training step of a decoder as a Program: one role a pipeline stage (and per place in it that behaves differently).
#pragma once

#include "sim/kernel/program.h"
#include "topology/chip.h"
#include "workloads/model.h"
#include "workloads/plan.h"
#include "workloads/stack.h"

namespace orrery {

// FLOPs count two per multiply-add of matrix products; what runs element by element isn't counted. The model's count is
// the published formula's, 72·B·s·L·h²(1 + s/6h + V/12Lh) for a GPT with f = 4h: attention counts the full square of
// scores, causal or not.
struct StepFlops {
  FlopCount model;     // of the whole step, all ranks (MFU counts these)
  FlopCount hardware;  // with recomputation (HFU counts these)
};

// The plan must be valid for the model (read_plan, plan_fault). The Program's streams are host, compute, tensor (what
// the tensor group communicates), send and receive (stage boundaries) and data (gradients and weights); its groups are
// "tensor", "data", "model" (a replica's norm of gradients) and "embedding" (a weight that both ends of the pipeline
// hold), those with one member left out. Its size grows with stages × microbatches × layers a stage, not with ranks.
// RunError if the stack can't run on the chip (stack_fault) or a kernel would last longer than can be simulated.
[[nodiscard]] Program training_step(const DecoderModel& model, const Plan& plan, const Stack& stack, const Chip& chip);
[[nodiscard]] StepFlops step_flops(const Program& program);

}  // namespace orrery
