// What a model does in a step where it isn't trained: phases by name, one file each.
//
// A plan with `phase: decode` (or another) is read by that phase; without the key, or with `phase: train`, a step
// trains (plan.h). A phase makes a Workload of a decoder and its plan, as a family does of a model of its own.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "sim/base/registry.h"
#include "workloads/family.h"
#include "workloads/model.h"

namespace orrery {

struct InferencePhase {
  std::string_view name;
  std::string_view sentence;
  // InputError at whatever is wrong in the plan, or in what plan and model demand of each other.
  std::shared_ptr<const Workload> (*read)(const DecoderModel& model, const yaml::Node& plan, const Stack& stack);
};
using InferencePhases = Registry<InferencePhase>;

// The phase that a plan names; null: a step trains. InputError where there is no such phase.
[[nodiscard]] const InferencePhase* phase_of(const yaml::Node& plan);

}  // namespace orrery
