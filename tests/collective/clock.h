// How long a schedule takes alone on a small machine, in either granularity.
#pragma once

#include <vector>

#include "sim/collective/message_plan.h"
#include "sim/collective/play.h"
#include "tests/collective/machines.h"

namespace orrery {

// A library of which only launch and step cost.
inline CommunicationCosts library_of(std::int64_t launch, std::int64_t step) {
  CommunicationCosts costs;
  costs.launch = Duration::picoseconds(launch);
  costs.step = Duration::picoseconds(step);
  return costs;
}

// Position p on chip p.
class Clock {
 public:
  Clock(Fabric fabric, CommunicationCosts costs)
      : fabric_(std::move(fabric)), routes_(fabric_), resources_(fabric_), costs_(costs) {
    for (std::size_t c = 0; c < fabric_.chip_count(); ++c) members_.emplace_back(c);
  }
  std::int64_t fluid(const Schedule& schedule) {
    const auto network = Networks::find("fluid")->make(resources_.wires());
    return play_fluid(lower_fluid(schedule, members_, costs_, routes_, resources_), *network).ps();
  }
  std::int64_t stepwise(const Schedule& schedule) {
    const auto network = Networks::find("fluid")->make(resources_.wires());
    return play_stepwise(lower_stepwise(schedule, members_, costs_, routes_, resources_), *network).ps();
  }
  std::int64_t plan(const MessagePlan& plan, Bytes bytes) {
    const auto network = Networks::find("fluid")->make(resources_.wires());
    return play_stepwise(lower_plan(plan, bytes, members_, costs_, routes_, resources_), *network).ps();
  }

 private:
  Fabric fabric_;
  Routes routes_;
  Resources resources_;
  CommunicationCosts costs_;
  std::vector<ChipId> members_;
};

}  // namespace orrery
