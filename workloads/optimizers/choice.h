// Which optimizer a plan asks for, and how it is set.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/base/yaml.h"
#include "topology/chip.h"

namespace orrery {

// Some optimizers do their dearest work in one of many steps. Which step is simulated?
enum class ShownStep : std::uint8_t {
  kAverage,    // that work ÷ the steps between, in every step
  kPlain,      // one without it
  kExpensive,  // one with all of it
};
[[nodiscard]] std::string_view to_name(ShownStep step);  // "average"
[[nodiscard]] ShownStep read_shown_step(const yaml::Node& node);
// How much of that work the step does, where it is done once in `interval` steps.
[[nodiscard]] double share_in(ShownStep step, std::int64_t interval);

struct OptimizerChoice {
  std::string name = "adam";  // an Optimizers name
  std::int64_t interval = 0;  // steps from one time that dearest work is done to the next; 0: none is so dear
  std::int64_t block = 0;     // longest side of what is preconditioned; 0: no side is too long
  ShownStep step = ShownStep::kAverage;
  Precision moments = Precision::kFp32;  // that the optimizer keeps of each weight

  friend bool operator==(const OptimizerChoice&, const OptimizerChoice&) = default;
};

}  // namespace orrery
