// What sites that step apart do when they meet (local SGD).
#pragma once

#include "workloads/step/update.h"

namespace orrery::step {

// After the sites' own optimizers, its part in the step that is simulated. Each rank sends the other sites the share of
// weights that it updates; where replicas of a site all update all weights, they share them out for this, and gather
// what comes of it.
void meet(TapeWriter& tape, const UpdatePlan& plan);

// What a rank keeps for it of the `own` weights that are its share: where they were at the last meeting, and the outer
// optimizer's momentum, in fp32.
[[nodiscard]] Bytes outer_state(const LocalSgd& local, std::int64_t own);

}  // namespace orrery::step
