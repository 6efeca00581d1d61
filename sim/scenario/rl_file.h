// An iteration of reinforcement learning: which scenarios its parts are, how often each runs, and what runs together.
//
//     name: GRPO of Llama 3 8B on 16 H100
//     description: one line                     # optional
//     mode: colocated                           # parts follow each other on the same chips; or disaggregated: rollouts
//                                               # on chips of their own, beside the rest
//     rollout:
//       scenario: rollout.yaml                  # a decoder's `phase: decode`; batch and cached follow the responses
//       prompts: 8192                           # sequences of an iteration, over all engines
//       prompt: 512                             # tokens each
//       responses: {mean: 2000, spread: 1.0, longest: 8192}   # tokens: log-normal, spread is its deviation in ln
//     parts:                                    # after the rollout, in order
//       - {name: reference, scenario: forward.yaml, times: 8}
//       - {name: update, scenario: update.yaml, times: 4}
//     resharding: 3 s                           # optional: weights brought from training to rollouts, once
//     measured: {iteration: 365 s, source: …}   # optional
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/library.h"
#include "sim/base/units.h"
#include "sim/base/yaml.h"

namespace orrery {

// Lengths in tokens, log-normal with that mean before they are cut at `longest`.
struct ResponseLengths {
  double mean = 1;
  double spread = 0;  // standard deviation of the logarithm; 0: all alike
  std::int64_t longest = 1;

  // Of `count` responses in order, the k-th shortest (from 0): the distribution's quantile at (k + ½) ÷ count.
  [[nodiscard]] std::int64_t length(std::int64_t k, std::int64_t count) const;
};

// A stretch of decoding steps in which about as many responses go on.
struct RolloutStretch {
  std::int64_t first = 0;  // step
  std::int64_t steps = 1;
  std::int64_t active = 1;  // responses, the mean over its steps rounded up
};
// From the first step to the last of the longest, in stretches that end where a sixteenth of the responses has ended,
// and, of the last of them, one after another by halves.
[[nodiscard]] std::vector<RolloutStretch> stretches_of(const ResponseLengths& lengths, std::int64_t count);

struct RlFile {
  struct Part {
    std::string name;
    std::filesystem::path scenario;
    std::int64_t times = 1;
  };
  std::string name;
  std::string description;
  bool disaggregated = false;
  std::filesystem::path rollout;
  std::int64_t prompts = 1;
  std::int64_t prompt = 1;
  ResponseLengths responses;
  std::vector<Part> parts;
  Duration resharding;
  std::optional<Duration> measured;
  std::string measured_source;
};

// InputError at whatever is wrong in it; the scenarios are read later. `file`: beside which they are looked for.
[[nodiscard]] RlFile read_rl(const Library& library, const yaml::Node& root, const std::filesystem::path& file);
[[nodiscard]] RlFile load_rl(const Library& library, const std::filesystem::path& file);

}  // namespace orrery
