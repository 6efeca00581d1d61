// Finds a plan's phase.
#include "workloads/phases/phase.h"

#include <vector>

namespace orrery {

namespace {
constexpr const char* kTraining = "train";
}  // namespace

const InferencePhase* phase_of(const yaml::Node& plan) {
  if (!plan.is_map()) return nullptr;
  const auto node = yaml::Map(plan, "a plan").optional("phase");
  if (!node) return nullptr;
  std::vector<std::string> names = InferencePhases::names();
  names.emplace_back(kTraining);
  return InferencePhases::find(names[node->choice("phase", names)]);
}

}  // namespace orrery
