// How long a job trains: the key `run:` of a scenario, from which a report reckons steps, days, energy and dollars.
//
//     run: {tokens: 300e9}                       # whole steps, the last one over the mark
//     run: {epochs: 3, dataset_tokens: 1e12}     # epochs may be a fraction
//     run: {steps: 100000}
//
// A run is its steps one after another, each as long as the one that is simulated: no failures, no checkpoints. It
// changes nothing in the step.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/base/yaml.h"

namespace orrery {

struct RunKey {
  std::int64_t steps = 0;
  std::optional<double> epochs;  // where the file counts in them
};

// `tokens_per_step`: of the whole batch. InputError at whatever is wrong.
[[nodiscard]] RunKey read_run(const yaml::Node& node, std::int64_t tokens_per_step);

}  // namespace orrery
