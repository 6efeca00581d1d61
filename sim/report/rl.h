// An iteration of reinforcement learning: how long its parts take, and what sets the pace.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/units.h"

namespace orrery {

struct RlPart {
  std::string name;
  std::int64_t times = 1;  // steps of it
  std::size_t chips = 0;
  double seconds = 0;  // all of them
  Joules energy;
};

struct RlReport {
  std::string name;
  bool disaggregated = false;  // the first part, the rollout, beside the others
  std::vector<RlPart> parts;
  double resharding = 0;           // seconds
  std::int64_t responses = 0;      // of an iteration
  std::int64_t tokens = 0;         // that they have together
  std::int64_t longest = 0;        // of one
  double tail = 0;                 // of the rollout's seconds, those with less than an eighth of the responses left
  std::optional<double> measured;  // seconds
  std::string measured_source;

  [[nodiscard]] std::size_t chips() const;
  [[nodiscard]] double seconds() const;
  [[nodiscard]] Joules energy() const;
};

[[nodiscard]] std::string to_text(const RlReport& report, bool colour);
[[nodiscard]] std::string to_json(const RlReport& report);

}  // namespace orrery
