// A training step of a decoder as a Program: one role a pipeline stage (and per place in it that behaves differently).
#pragma once

#include "sim/kernel/program.h"
#include "topology/chip.h"
#include "workloads/model.h"
#include "workloads/plan.h"
#include "workloads/stack.h"

namespace orrery {

struct StepFlops {
  FlopCount model;     // of the whole step, all ranks (MFU counts these)
  FlopCount hardware;  // with recomputation (HFU counts these)
};

[[nodiscard]] Program training_step(const DecoderModel& model, const Plan& plan, const Stack& stack, const Chip& chip);
[[nodiscard]] StepFlops step_flops(const Program& program);

}  // namespace orrery
