// A plan with one of its dimensions stretched or shrunk to another number of chips.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/yaml.h"
#include "sim/scenario/scale_key.h"
#include "workloads/family.h"
#include "workloads/plan.h"

namespace orrery {

struct GrownPlan {
  Plan plan;
  std::string refusal;         // why there is no such plan; empty: there is
  std::int64_t of_family = 0;  // chips, where the plan is a family's: then of `plan` just data and batch count
};

// `grows` takes as many ranks as make `chips` with the other dimensions as they are. `weak`: the batch keeps its
// proportion to them; else it stays. Whether the model can be split like that is plan_fault's business.
[[nodiscard]] GrownPlan grow(const Plan& plan, GrowingDimension grows, bool weak, std::int64_t chips);

// The same of a workload of a family of its own, which grows along its plan's key `data` or not at all.
[[nodiscard]] GrownPlan grow(const Workload& workload, GrowingDimension grows, bool weak, std::int64_t chips);

// The sizes when nobody names any: from one rank along `grows` by doubling as far as `most` chips.
[[nodiscard]] std::vector<std::int64_t> doubled_sizes(const Plan& plan, GrowingDimension grows, std::int64_t most);

[[nodiscard]] std::vector<std::int64_t> doubled_sizes(const Workload& workload, std::int64_t most);

// What makes a scenario's file be one with that plan; `names_chips`: the file has the key `chips`.
[[nodiscard]] std::vector<yaml::Override> overrides_of(const GrownPlan& grown, bool names_chips);

}  // namespace orrery
